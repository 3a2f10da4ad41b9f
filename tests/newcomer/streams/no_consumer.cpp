// The consumer of a stream is missing.
// error: stream(pool, range or array, [job,] map, consume
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::stream(pool, pinfold::Range{0, 9}, [](const pinfold::Chunk& c) { return c.begin; });
}
