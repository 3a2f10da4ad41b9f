// The init of a reduce is 0, the array one of double.
// error: the init
// error: 0.0 for double
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>{0.5, 0.5});
    return int(pinfold::reduce(pool, a, 0).value);
}
