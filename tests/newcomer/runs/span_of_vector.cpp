// A function captures a span of a vector.
// throws: std::invalid_argument
// throws: the function
// throws: span
#include <functional>
#include <pinfold/pinfold.hpp>
#include <span>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> v(1000, 0.5);
    std::span<double> s(v);
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{0, 1000}, 0.0, std::plus<>{}, [s](auto k) {
            return s[k];
        }).value);
}
