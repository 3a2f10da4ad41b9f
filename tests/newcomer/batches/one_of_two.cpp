// Two inputs, of a function of one parameter.
// error: map(f, a, b) calls f(x, y)
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> a{1, 2};
    const std::vector<int> b{3, 4};
    return pool.map([](int x) { return x; }, a, b).get().at(0);
}
