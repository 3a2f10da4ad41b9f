// The fold of map_fold() lacks the & of its accumulator.
// error: this fold changes a copy of the accumulator, and returns nothing: let it take the
// accumulator by reference
#include <cstdint>
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const auto begins = pinfold::map_fold(
        pool, pinfold::Range{0, 100}, [](const pinfold::Chunk& c) { return c.begin; },
        std::vector<std::uint64_t>(),
        [](std::vector<std::uint64_t> all, std::uint64_t next) { all.push_back(next); });
    return int(begins.value.size());
}
