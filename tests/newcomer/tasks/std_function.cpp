// A task is a std::function.
// error: submit the lambda itself
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    const std::function<int()> f = [] { return 1; };
    return pool.submit(f).get();
}
