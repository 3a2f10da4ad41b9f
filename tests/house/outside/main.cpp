#include <cstdlib>
#include <functional>
#include <iostream>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>

int main() {
    pinfold::Pool pool({.workers = 2});
    const auto sum = pinfold::map_reduce(
        pool, pinfold::Range{1, 101}, std::uint64_t{2},
        [](const std::uint64_t& factor, const pinfold::Chunk& chunk) {
            std::uint64_t part = 0;
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                part += factor * i;
            }
            return part;
        },
        std::plus<>{});
    std::cout << sum.value << '\n';
    return sum.value == 10100 ? EXIT_SUCCESS : EXIT_FAILURE;
}
