// The map of a for_each_chunk is missing.
// error: for_each_chunk(pool, range or array
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::for_each_chunk(pool, pinfold::Range{0, 9});
}
