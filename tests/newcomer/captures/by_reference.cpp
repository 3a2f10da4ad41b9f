// A map captures a local variable by reference.
// error: captures by reference
// error: [=] or [x]
// error: map_reduce_forked
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    double factor = 0.5;
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 100},
                   [&](const pinfold::Chunk& chunk) { return factor * double(chunk.size()); },
                   std::plus<>{})
                   .value);
}
