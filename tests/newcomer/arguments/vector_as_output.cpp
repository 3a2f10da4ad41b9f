// The output is a std::vector.
// error: the output is an array of the pool
// error: pool.array<T>(n)
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> out(9);
    pinfold::transform(pool, pinfold::Range{0, 9}, out, [](auto k) { return double(k); });
}
