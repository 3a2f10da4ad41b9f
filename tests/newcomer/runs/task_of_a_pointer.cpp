// A task gets a pointer to the caller's stack.
// throws: std::invalid_argument
// throws: an argument holds a pointer into the stack
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    int n = 1;
    return pool.submit([](const int* p) { return *p; }, &n).get();
}
