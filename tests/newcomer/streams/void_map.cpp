// A map returns nothing, where a consumer waits.
// error: so there is nothing to consume
// error: for_each_chunk
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::stream(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) {}, [](int) {});
}
