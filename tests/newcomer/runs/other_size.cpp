// The output is smaller than the input.
// throws: std::invalid_argument
// throws: the input has 1000 elements, the output 10
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    auto out = pool.array<double>(10);
    pinfold::transform(pool, pinfold::Range{0, 1000}, out, [](auto k) { return double(k); });
}
