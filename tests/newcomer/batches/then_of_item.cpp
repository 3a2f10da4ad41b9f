// then(f) of a batch has a function of one value.
// error: a std::vector of all results
#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    return pool.map([](int x) { return x; }, items).then([](int x) { return x; }).get();
}
