// The same of a task that a task submits.
// error: options come first: submit({.name
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return pool.submit([] { return pinfold::submit([] { return 1; }, {.name = "one"}).get(); })
        .get();
}
