// Options in front of the function, where submit() has them.
// error: options come last: map(f, items, {.grain = 64})
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    return pool
        .map(
            {.grain = 2}, [](int x) { return x; }, items)
        .get()
        .at(0);
}
