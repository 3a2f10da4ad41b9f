// JobOptions<int> stand beside a map to double.
// error: JobOptions of another type than the map's result
// error: {.grain = 10, .init = x}
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::JobOptions<int> options{.grain = 10};
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 99},
                   [](const pinfold::Chunk& c) { return 0.5 * double(c.size()); }, std::plus<>{},
                   options)
                   .value);
}
