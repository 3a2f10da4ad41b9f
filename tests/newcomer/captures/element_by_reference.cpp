// A function of elements captures all by reference.
// error: captures by reference
// error: [=] or [x]
#include <cmath>
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    double p = 2;
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{1, 100}, 0.0, std::plus<>{}, [&](auto k) {
            return std::pow(k, -p);
        }).value);
}
