#include <cmath>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;  // worker processes, one pinned to each physical core
    const double p = 2;
    const double zeta =
        pinfold::transform_reduce(pool, pinfold::Range{1, 10'000'000}, 0.0, std::plus<>{},
                                  [p](auto k) { return std::pow(k, -p); })
            .value;
    std::cout << "pi is about " << std::sqrt(6 * zeta) << '\n';
}
