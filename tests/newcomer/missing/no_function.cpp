// The function of a for_each is missing.
// error: for_each(pool, range or array, f
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::for_each(pool, pinfold::Range{0, 9});
}
