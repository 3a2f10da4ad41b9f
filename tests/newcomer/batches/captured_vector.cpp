// A map over items captures a std::vector.
// error: write the function as a struct
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> table{1, 2};
    const std::vector<std::size_t> items{0, 1};
    return pool.map([table](std::size_t x) { return table[x]; }, items).get().at(0);
}
