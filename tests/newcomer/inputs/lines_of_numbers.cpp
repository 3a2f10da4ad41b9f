// What is cut into lines has no characters.
// error: an array of characters or bytes
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const auto numbers = pool.array<int>(10);
    return int(pinfold::count_if(pool, pinfold::Lines(numbers), [](auto) { return true; }).value);
}
