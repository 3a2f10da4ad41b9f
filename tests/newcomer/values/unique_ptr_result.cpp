// A map returns a smart pointer.
// error: a pointer or a smart pointer
// error: return the value
#include <memory>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>

int main() {
    pinfold::Pool pool;
    return *pinfold::map_reduce(
                pool, pinfold::Range{0, 9},
                [](const pinfold::Chunk&) { return std::make_unique<int>(1); },
                [](auto a, const auto&) { return a; })
                .value;
}
