// A map that is wrong if a chunk starts twice, and how a rehearsal finds it.
#include <iostream>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    const auto numbers = pool.array({1, 2, 3, 4});
    const auto double_them = [numbers](auto k) { numbers[k] *= 2; };  // reads what it overwrites
    try {
        pinfold::for_each(pool, pinfold::Range{0, 4}, double_them, {.rehearse = true});
    } catch (const pinfold::NotRepeatable& error) {
        std::cout << error.what() << '\n';
    }
}
