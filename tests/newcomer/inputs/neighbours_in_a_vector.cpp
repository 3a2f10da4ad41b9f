// Neighbours in a std::vector.
// error: neighbours stand in an array of the pool
// error: pool.array(v)
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    std::vector<double> v(100, 1.0);
    return int(pinfold::count_if(pool, pinfold::Neighbours(v, 1, 1), [](const auto& near) {
                   return near[0] > 0;
               }).value);
}
