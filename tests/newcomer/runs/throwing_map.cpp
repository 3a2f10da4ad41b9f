// A map throws.
// throws: pinfold::JobFailed
// throws: std::runtime_error
// throws: no number 7
#include <functional>
#include <pinfold/pinfold.hpp>
#include <stdexcept>
#include <string>

int main() {
    pinfold::Pool pool;
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{}, [](auto k) {
            return k == 7 ? throw std::runtime_error("no number " + std::to_string(k)) : 0.5;
        }).value);
}
