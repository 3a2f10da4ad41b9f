// A function of elements forgets its return.
// error: does the function return nothing?
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{}, [](auto k) {
            static_cast<void>(0.5 * double(k));
        }).value);
}
