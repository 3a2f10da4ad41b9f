// A map of a chunk of lines is written for one line.
// error: the map cannot be called so
// error: for_each, transform_reduce and count_if
#include <functional>
#include <pinfold/pinfold.hpp>
#include <string>
#include <string_view>

int main() {
    pinfold::Pool pool;
    const auto text = pool.array(std::string("one\ntwo\n"));
    const auto size = [](std::string_view line) { return line.size(); };
    return int(pinfold::map_reduce(pool, pinfold::Lines(text), size, std::plus<>{}).value);
}
