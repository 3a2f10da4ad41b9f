// A task captures by reference.
// error: captures by reference
// error: submit(f, x)
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    int n = 7;
    return pool.submit([&] { return n; }).get();
}
