// The options of a single task, where a map over items has them in `task`.
// error: map(f, items, {.task = {.name
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    const pinfold::TaskOptions options{.max_attempts = 1};
    return pool.map([](int x) { return x; }, items, options).get().at(0);
}
