// The header of tasks is missing.
// error: #include <pinfold/engine/tasks.hpp>
// flags: -Wall
#include <pinfold/engine/pool.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    return pool.map([](int x) { return x; }, items).get().at(0);
}
