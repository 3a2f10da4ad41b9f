// The pool is a global. This is no mistake: it works.
// prints: 499500
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>

pinfold::Pool pool;

int main() {
    std::cout << pinfold::transform_reduce(pool, pinfold::Range{0, 1000}, std::uint64_t{0},
                                           std::plus<>{}, [](auto k) { return k; })
                     .value
              << '\n';
}
