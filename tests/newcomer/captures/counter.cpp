// A loop adds to a variable of its caller.
// error: captures by reference
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    long sum = 0;
    pinfold::for_each(pool, pinfold::Range{0, 100}, [&sum](auto k) { sum += long(k); });
    return int(sum);
}
