// The input is a number of elements.
// error: the input is a pinfold::Range
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::for_each(pool, 100, [](auto) {});
}
