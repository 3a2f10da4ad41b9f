// The input is a span of a vector.
// throws: std::invalid_argument
// throws: the input
// throws: pool.array()
#include <pinfold/pinfold.hpp>
#include <span>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> v(1000, 0.5);
    return int(pinfold::reduce(pool, std::span(v), 0.0).value);
}
