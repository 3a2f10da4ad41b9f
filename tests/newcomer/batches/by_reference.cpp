// A map over items captures by reference.
// error: capture by value
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    int factor = 2;
    const std::vector<int> items{1, 2};
    return pool.map([&](int x) { return factor * x; }, items).get().at(0);
}
