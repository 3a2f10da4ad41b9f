// The init is 0, the values are double.
// error: the init
// error: 0.0 for double
#include <cmath>
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{1, 100}, 0, std::plus<>{}, [](auto k) {
            return std::sqrt(double(k));
        }).value);
}
