// The init of a reduce is missing.
// error: reduce(pool, range or array, init
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(9));
    return int(pinfold::reduce(pool, a).value);
}
