// A generator that would begin anew in each chunk.
// error: is mutable
#include <pinfold/pinfold.hpp>
#include <random>

int main() {
    pinfold::Pool pool;
    auto heads =
        pinfold::count_if(pool, pinfold::Range{0, 9},
                          [rng = std::minstd_rand(1)](auto) mutable { return rng() % 2 == 0; });
    return int(heads.value);
}
