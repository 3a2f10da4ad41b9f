// The map of gather() is missing.
// error: gather<T>(pool, range or array, [job,] map
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::gather<int>(pool, pinfold::Range{0, 9});
}
