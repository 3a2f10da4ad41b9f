// A map returns a string.
// error: result crosses by its bytes
// error: #include <pinfold/shm/crossing.hpp>
// error: std::string
// error: pool.array()
#include <functional>
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 9},
                   [](const pinfold::Chunk& c) { return std::string(c.size(), '*'); },
                   std::plus<>{})
                   .value.size());
}
