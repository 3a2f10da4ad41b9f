// The fold of map_fold returns something else than the accumulator.
// error: returns nothing
// error: the next accumulator, of the same type
#include <pinfold/pinfold.hpp>
#include <set>

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_fold(
                   pool, pinfold::Range{0, 9},
                   [](const pinfold::Chunk& c) { return int(c.size()); }, std::set<int>(),
                   [](std::set<int>& all, int next) { return all.count(next); })
                   .value.size());
}
