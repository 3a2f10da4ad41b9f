// A map of an array takes its elements to write to them.
// error: std::span<const T>
#include <functional>
#include <pinfold/pinfold.hpp>
#include <span>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(9));
    return int(pinfold::map_reduce(
                   pool, a, [](std::span<double> part) { return part[0] = 1; }, std::plus<>{})
                   .value);
}
