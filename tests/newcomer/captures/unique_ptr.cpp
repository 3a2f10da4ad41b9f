// A unique_ptr is moved into a map.
// error: can only be moved
// error: pool.array(x)
#include <memory>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    auto table = std::make_unique<double[]>(100);
    pinfold::for_each(pool, pinfold::Range{0, 100}, [t = std::move(table)](auto k) { t[k] = 1; });
}
