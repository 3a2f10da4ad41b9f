// The predicate of a count_if is missing.
// error: count_if(pool, range or array, predicate
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::count_if(pool, pinfold::Range{0, 9}).value);
}
