// A function captures a pointer to a global that the program writes.
// throws: std::invalid_argument
// throws: the function
// throws: global
#include <functional>
#include <pinfold/pinfold.hpp>

double weights[1000];

int main() {
    pinfold::Pool pool;
    weights[0] = 0.5;
    return int(pinfold::transform_reduce(pool, pinfold::Range{0, 1000}, 0.0, std::plus<>{},
                                         [w = weights](auto k) { return w[k]; })
                   .value);
}
