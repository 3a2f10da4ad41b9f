// Options of a pool stand in the place of a pool.
// error: pool
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    return int(pinfold::transform_reduce(pinfold::PoolOptions{.workers = 2}, pinfold::Range{0, 9},
                                         0.0, std::plus<>{}, [](auto k) { return double(k); })
                   .value);
}
