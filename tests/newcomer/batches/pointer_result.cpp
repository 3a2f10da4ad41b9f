// A map over items returns a pointer.
// error: return the value
#include <memory>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    return *pool.map([](int x) { return std::make_unique<int>(x); }, items).get().at(0);
}
