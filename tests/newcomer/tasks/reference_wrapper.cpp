// An argument is what std::ref() made.
// error: std::ref(x)
// error: return what changed
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    int n = 1;
    pool.submit([](int& x) { ++x; }, std::ref(n)).get();
}
