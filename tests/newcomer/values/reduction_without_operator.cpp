// The same in a transform_reduce.
// error: the reduction is called as op(a, b)
// error: is there an operator
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    struct Sums {
        double x, y;
    };
    return int(pinfold::transform_reduce(pool, pinfold::Range{0, 9}, Sums{0, 0}, std::plus<>{},
                                         [](auto k) {
                                             return Sums{1, double(k)};
                                         })
                   .value.x);
}
