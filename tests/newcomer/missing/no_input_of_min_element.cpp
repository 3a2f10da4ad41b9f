// The input of a min_element is missing.
// error: min_element(pool, range or array
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::min_element(pool).value->at);
}
