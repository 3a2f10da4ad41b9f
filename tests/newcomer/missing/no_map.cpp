// The map of a map_reduce is missing.
// error: map_reduce(pool, range or array, [job,] map, fold
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_reduce(pool, pinfold::Range{0, 9}, std::plus<>{}).value);
}
