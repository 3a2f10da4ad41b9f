// A function captures an array of a pool that was made later.
// throws: std::invalid_argument
// throws: the function
// throws: another pool's arena
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool first;
    pinfold::Pool second;
    auto a = second.array(std::vector<double>(1000, 0.5));
    pinfold::for_each(first, pinfold::Range{0, 1000}, [a](auto k) { a[k] = 1; });
}
