// The accumulator of map_fold is missing.
// error: map_fold(pool, range or array, [job,] map, accumulator, fold(accumulator, result)
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<int> all;
    pinfold::map_fold(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk& c) { return int(c.size()); },
        [&](int next) { all.push_back(next); });
}
