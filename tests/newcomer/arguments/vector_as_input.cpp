// The input is a std::vector.
// error: workers do not see a std::vector
// error: pool.array(v)
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> v(100, 1.0);
    return int(pinfold::reduce(pool, v, 0.0).value);
}
