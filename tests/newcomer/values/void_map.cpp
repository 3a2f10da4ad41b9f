// A map returns nothing, where a fold waits.
// error: this map returns nothing
// error: for_each_chunk
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) {}, std::plus<>{});
}
