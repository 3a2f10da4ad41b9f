// The output is a file that was opened to read.
// error: the output is an array of the pool
// error: pool.file_array<T>(path, n)
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    const auto file = pool.file("data");
    pinfold::transform(pool, pinfold::Range{0, 9}, file, [](auto k) { return double(k); });
}
