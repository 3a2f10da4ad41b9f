// A function takes int, and the range goes beyond.
// throws: std::invalid_argument
// throws: numbers up to 2147483647
// throws: std::uint64_t
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::transform_reduce(pool, pinfold::Range{0, 3'000'000'000}, 0.0, std::plus<>{},
                                         [](int k) { return double(k); })
                   .value);
}
