// An argument is another task's future.
// error: pass its value
// error: future.then(f)
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    auto one = pool.submit([] { return 1; });
    return pool.submit([](int n) { return n; }, one).get();
}
