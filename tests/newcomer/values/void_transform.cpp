// The function of a transform forgets its return.
// error: does it return nothing?
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    auto out = pool.array<double>(9);
    pinfold::transform(pool, pinfold::Range{0, 9}, out, [](auto k) { static_cast<void>(k); });
}
