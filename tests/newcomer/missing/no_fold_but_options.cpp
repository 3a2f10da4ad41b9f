// The fold is missing, and options are there.
// error: the fold is missing
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_reduce(pool, pinfold::Range{0, 9},
                                   [](const pinfold::Chunk& c) { return c.size(); }, {.grain = 10})
                   .value);
}
