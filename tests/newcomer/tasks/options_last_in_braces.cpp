// Options in braces behind the function.
// error: options come first: submit({.name
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return pool.submit([](int n) { return n; }, 1, {.name = "one"}).get();
}
