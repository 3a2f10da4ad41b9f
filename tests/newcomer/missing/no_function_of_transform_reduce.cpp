// The function of a transform_reduce is missing.
// error: transform_reduce(pool, range or array, init, reduction, f
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{}).value);
}
