// The reduction stands before the init.
// error: the init stands before the reduction
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{0, 9}, std::plus<>{}, 0.0, [](auto k) {
            return double(k);
        }).value);
}
