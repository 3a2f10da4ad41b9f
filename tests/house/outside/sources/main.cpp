// A first program: it works, and it catches what the library throws.
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>
#include <stdexcept>

int main() {
    const auto map = [](const std::uint64_t& factor, const pinfold::Chunk& chunk) {
        std::uint64_t part = 0;
        for (auto i = static_cast<std::uint64_t>(chunk.begin); i < chunk.end; ++i) {
            part += factor * i;
        }
        return part;
    };
    pinfold::Pool pool({.workers = 2});
    const auto sum =
        pinfold::map_reduce(pool, pinfold::Range{1, 101}, std::uint64_t{2}, map, std::plus<>{});
    std::cout << sum.value << '\n';
    try {
        const auto throws = [](const std::uint64_t&, const pinfold::Chunk&) -> std::uint64_t {
            throw std::runtime_error("no value");
        };
        pinfold::map_reduce(pool, pinfold::Range{0, 1}, std::uint64_t{2}, throws, std::plus<>{});
    } catch (const pinfold::JobFailed& failure) {
        return sum.value == 10100 && failure.details().attempts > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return EXIT_FAILURE;
}
