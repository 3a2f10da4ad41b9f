// The pool is missing.
// error: the pool
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(
        pinfold::map_reduce(
            pinfold::Range{0, 9}, [](const pinfold::Chunk& c) { return c.size(); }, std::plus<>{})
            .value);
}
