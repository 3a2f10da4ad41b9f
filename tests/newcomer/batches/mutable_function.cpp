// A function that counts its calls.
// error: would begin anew with each task
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    return pool.map([n = 0](int x) mutable { return x + ++n; }, items).get().at(0);
}
