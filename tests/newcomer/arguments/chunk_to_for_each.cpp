// The function of a for_each takes a chunk.
// error: called for each element
// error: for_each_chunk
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::for_each(pool, pinfold::Range{0, 9}, [](const pinfold::Chunk& c) { return c.size(); });
}
