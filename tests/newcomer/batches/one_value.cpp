// A value in the place of items.
// error: for one value there is submit(f, x)
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return pool.map([](int x) { return x; }, 7).get().at(0);
}
