// The reduction of double takes int.
// error: different types
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::transform_reduce(
                   pool, pinfold::Range{0, 9}, 0.0, [](int a, int b) { return a + b; },
                   [](auto k) { return 0.5 * double(k); })
                   .value);
}
