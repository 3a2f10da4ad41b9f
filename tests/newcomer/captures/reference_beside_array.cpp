// A function uses the pool that it runs on, beside an array.
// error: captures by reference
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    auto a = pool.array(std::vector<double>(9));
    pinfold::for_each(pool, pinfold::Range{0, 9},
                      [&pool, a](auto k) { a[k] = pinfold::reduce(pool, a, 0.0).value; });
}
