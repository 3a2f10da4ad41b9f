// The input of a map_reduce is missing.
// error: map_reduce(pool, range or array
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_reduce(
                   pool, [](const pinfold::Chunk& c) { return c.size(); }, std::plus<>{})
                   .value);
}
