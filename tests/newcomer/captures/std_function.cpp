// A map is kept in a std::function.
// error: a std::function cannot cross
// error: the lambda itself
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    std::function<double(std::uint64_t)> f = [](std::uint64_t k) { return double(k); };
    return int(pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{}, f).value);
}
