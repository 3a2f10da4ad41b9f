// An argument is an array.
// error: pass a std::array
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    const int numbers[] = {1, 2};
    return pool.submit([](const int* n) { return n[1]; }, numbers).get();
}
