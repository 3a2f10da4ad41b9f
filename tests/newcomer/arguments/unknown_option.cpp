// An option is misspelt.
// error: grian
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::for_each(
        pool, pinfold::Range{0, 9}, [](auto) {}, pinfold::JobSettings{.grian = 10});
}
