// The input of a map_reduce is a std::vector.
// error: workers do not see a std::vector
// error: pool.array(v)
#include <functional>
#include <pinfold/pinfold.hpp>
#include <span>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> v(100, 1.0);
    return int(pinfold::map_reduce(
                   pool, v, [](std::span<const double> part) { return part[0]; }, std::plus<>{})
                   .value);
}
