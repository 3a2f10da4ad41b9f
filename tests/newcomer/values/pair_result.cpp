// A map returns a pair.
// error: std::pair
// error: a struct of numbers
#include <pinfold/pinfold.hpp>
#include <utility>

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 9},
                   [](const pinfold::Chunk& c) { return std::pair(1.0, c.size()); },
                   [](auto a, auto) { return a; })
                   .value.first);
}
