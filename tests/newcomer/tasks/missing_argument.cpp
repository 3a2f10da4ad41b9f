// An argument is missing.
// error: cannot be called with these arguments
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return pool.submit([](int a, int b) { return a + b; }, 1).get();
}
