// An array of n zeros is asked for without their type.
// error: pool.array<double>(n)
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pool.array(1000).size());
}
