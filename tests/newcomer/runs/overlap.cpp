// A transform writes to its input.
// throws: std::invalid_argument
// throws: the output overlaps the input
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(1000, 0.5));
    pinfold::transform(pool, a, a, [](double x) { return 2 * x; });
}
