// The input belongs to another pool.
// throws: std::invalid_argument
// throws: the input
// throws: pool.array()
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool first;
    pinfold::Pool second;
    auto a = first.array(std::vector<double>(1000, 0.5));
    return int(pinfold::reduce(second, a, 0.0).value);
}
