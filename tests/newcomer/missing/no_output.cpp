// The output of a transform is missing.
// error: transform(pool, range or array, output, f
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(9));
    pinfold::transform(pool, a, [](double x) { return 2 * x; });
}
