// A task takes an argument by reference, to change it.
// error: by reference, to change it
// error: return the result
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    int n = 1;
    pool.submit([](int& x) { ++x; }, n).get();
}
