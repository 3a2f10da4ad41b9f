// A map returns a view of its own string.
// error: std::string_view
// error: return a std::string
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <string_view>
#include <vector>

int main() {
    pinfold::Pool pool;
    return int(
        pinfold::map_reduce(
            pool, pinfold::Range{0, 9},
            [](const pinfold::Chunk& c) { return std::vector<std::string_view>(c.size(), "word"); },
            [](auto a, const auto&) { return a; })
            .value.size());
}
