// A function captures the data of a vector.
// throws: std::invalid_argument
// throws: the function
// throws: pool.array
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> v(1000, 0.5);
    pinfold::for_each(pool, pinfold::Range{0, 1000}, [p = v.data()](auto k) { p[k] *= 2; });
}
