// The map of a map_reduce takes an element.
// error: map(chunk) of a range
// error: map(elements
#include <functional>
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(9));
    return int(pinfold::map_reduce(
                   pool, a, [](double x) { return 2 * x; }, std::plus<>{})
                   .value);
}
