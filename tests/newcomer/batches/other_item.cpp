// The function takes something else than the items.
// error: this function cannot be called with an item
// error: map(f, a, b) calls f(x, y)
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    return pool.map([](const std::string& name) { return int(name.size()); }, items).get().at(0);
}
