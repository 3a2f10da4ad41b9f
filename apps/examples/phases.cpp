// A job with a phase: all workers first find the small primes, then count the primes of a longer
// range by them.
#include <cstdint>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <span>

struct Job {
    std::uint64_t root;
};

// Whether no number that `is_candidate` accepts, from 2 up to the root of n, divides n.
template <typename IsCandidate>
bool is_prime(std::uint64_t n, IsCandidate is_candidate) {
    for (std::uint64_t d = 2; d * d <= n; ++d) {
        if (is_candidate(d) && n % d == 0) {
            return false;
        }
    }
    return true;
}

void find_small_primes(const pinfold::Chunk& chunk, std::span<std::uint8_t> table) {
    for (auto n : chunk) {
        table[n] = is_prime(n, [](std::uint64_t) { return true; }) ? 1 : 0;
    }
}

std::uint64_t count_primes(const pinfold::Chunk& chunk, std::span<const std::uint8_t> table) {
    std::uint64_t count = 0;
    for (auto n : chunk) {
        count += is_prime(n, [&](std::uint64_t d) { return table[d] != 0; }) ? 1U : 0U;
    }
    return count;
}

int main() {
    pinfold::Pool pool;
    const Job job{1000};

    pinfold::Phases<Job> phases;
    phases.add({.range = {2, job.root + 1}, .grain = 100, .bytes = job.root + 1},
               [](const Job&, const pinfold::Chunk& chunk, const pinfold::PhaseMemory& memory) {
                   find_small_primes(chunk, memory.of<std::uint8_t>(0));
               });

    const auto primes = pinfold::map_reduce(
        pool, pinfold::Range{2, job.root * job.root}, job, phases,
        [](const Job&, const pinfold::Chunk& chunk, const pinfold::PhaseMemory& memory) {
            return count_primes(chunk, memory.of<std::uint8_t>(0));
        },
        std::plus<>{});
    std::cout << primes.value << " primes below " << job.root * job.root << '\n';
}
