// Items that can only be moved.
// error: hold the value
#include <memory>
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<std::unique_ptr<int>> items;
    items.push_back(std::make_unique<int>(1));
    return pool.map([](const std::unique_ptr<int>& x) { return *x; }, items).get().at(0);
}
