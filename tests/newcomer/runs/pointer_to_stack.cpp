// A map captures a pointer into the stack.
// throws: std::invalid_argument
// throws: the map
// throws: stack
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    double factor = 0.5;
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 9},
                   [f = &factor](const pinfold::Chunk& c) { return *f * double(c.size()); },
                   std::plus<>{})
                   .value);
}
