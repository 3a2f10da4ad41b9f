// Options stand before the function of a for_each.
// error: for_each(pool, range or array, f
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::for_each(pool, pinfold::Range{0, 9}, pinfold::JobSettings{.grain = 10}, [](auto) {});
}
