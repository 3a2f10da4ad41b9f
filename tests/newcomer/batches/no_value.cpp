// The function returns nothing, and the loop wants a value.
// error: returns nothing
// error: for (auto&& done : batch)
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    int sum = 0;
    for (int x : pool.map([](int) {}, items)) {
        sum += x;
    }
    return sum;
}
