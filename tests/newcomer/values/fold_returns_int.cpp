// A fold returns int, the map double.
// error: another type than the map's result
// error: give both the same type
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return pinfold::map_reduce(
               pool, pinfold::Range{0, 9},
               [](const pinfold::Chunk& c) { return 0.5 * double(c.size()); },
               [](double a, double b) { return int(a + b); })
        .value;
}
