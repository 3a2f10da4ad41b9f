// A large result: how many Collatz steps each n needs to reach 1. Each chunk writes its own part of
// an array, and returns only its longest way.
#include <cstdint>
#include <iostream>
#include <pinfold/pinfold.hpp>

struct Longest {
    std::uint64_t n = 1;
    std::uint16_t steps = 0;
};

std::uint16_t steps_from(std::uint64_t n) {
    std::uint16_t steps = 0;
    for (; n != 1; ++steps) {
        n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    }
    return steps;
}

Longest fill(const pinfold::shm::Array<std::uint16_t>& steps, const pinfold::Chunk& chunk) {
    Longest longest;
    for (auto n : chunk) {
        steps[n] = steps_from(n);
        if (steps[n] > longest.steps) {
            longest = {n, steps[n]};
        }
    }
    return longest;
}

int main() {
    constexpr std::uint64_t end = 1'000'000;
    pinfold::Pool pool;
    const auto steps = pool.array<std::uint16_t>(end);
    const Longest longest =
        pinfold::map_reduce(
            pool, pinfold::Range{1, end},
            [steps](const pinfold::Chunk& chunk) { return fill(steps, chunk); },
            [](const Longest& a, const Longest& b) { return b.steps > a.steps ? b : a; })
            .value;
    std::cout << "27 takes " << steps[27] << " steps, " << longest.n << " takes " << longest.steps
              << '\n';
}
