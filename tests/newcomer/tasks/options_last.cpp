// Options come behind the function.
// error: options come first
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return pool.submit([](int n) { return n; }, 1, pinfold::TaskOptions{.name = "one"}).get();
}
