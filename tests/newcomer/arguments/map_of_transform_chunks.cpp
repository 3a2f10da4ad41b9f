// The map of a transform_chunks takes elements.
// error: out_elements
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(9));
    auto out = pool.array<double>(9);
    pinfold::transform_chunks(pool, a, out, [](double x) { return 2 * x; });
}
