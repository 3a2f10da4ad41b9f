// A map with a bug: it crashes on one number. What the caller sees, and how to go on without it.
#include <csignal>
#include <cstdint>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>

std::uint64_t sum(std::uint64_t unlucky, const pinfold::Chunk& chunk) {
    std::uint64_t total = 0;
    for (auto n : chunk) {
        if (n == unlucky) {
            std::raise(SIGSEGV);  // what a wild pointer would do
        }
        total += n;
    }
    return total;
}

int main() {
    pinfold::Pool pool({.workers = 2});
    const auto job = [&](pinfold::OnPoison on_poison) {
        std::uint64_t unlucky = 4711;
        return pinfold::map_reduce(
            pool, pinfold::Range{0, 10'000},
            [unlucky](const pinfold::Chunk& chunk) { return sum(unlucky, chunk); }, std::plus<>{},
            {.grain = 100, .on_poison = on_poison});
    };

    try {
        job(pinfold::OnPoison::fail);
    } catch (const pinfold::JobFailed& failed) {
        const auto& details = failed.details();
        std::cout << "failed in [" << details.chunk.begin << ", " << details.chunk.end << ") after "
                  << details.attempts << " attempts: " << details.deaths.back().how << '\n';
    }

    const auto rest = job(pinfold::OnPoison::skip);  // the pool still works
    std::cout << "without " << rest.report.skipped.size() << " chunk: " << rest.value << '\n';
    for (const pinfold::ChunkFailure& chunk : rest.report.skipped) {
        std::cout << "its reason: " << chunk.deaths.back().how << '\n';
    }
}
