// The map of a transform_chunks is missing.
// error: transform_chunks(pool, range or array
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(9));
    pinfold::transform_chunks(pool, a, a);
}
