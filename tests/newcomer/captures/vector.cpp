// A vector is captured by value.
// error: std::vector
// error: pool.array(x)
#include <functional>
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> v(100, 1.0);
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 100},
                   [v](const pinfold::Chunk& chunk) { return v[chunk.begin]; }, std::plus<>{})
                   .value);
}
