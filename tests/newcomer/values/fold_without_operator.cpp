// A struct has no operator+, and the fold is std::plus.
// error: fold
// error: is there an operator for this type
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    struct Sums {
        double x, y;
    };
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 9},
                   [](const pinfold::Chunk& c) {
                       return Sums{1, double(c.size())};
                   },
                   std::plus<>{})
                   .value.x);
}
