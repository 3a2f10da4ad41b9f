// Options stand before the fold.
// error: options
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 9}, [](const pinfold::Chunk& c) { return c.size(); },
                   pinfold::JobSettings{.grain = 10}, std::plus<>{})
                   .value);
}
