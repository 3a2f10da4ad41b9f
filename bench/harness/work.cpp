#include "harness/work.hpp"

#include <algorithm>
#include <chrono>

namespace bench {
namespace {

std::uint64_t steps_in_a_microsecond = 0;

/// A chain of dependent multiplications, which no compiler can shorten and no CPU can overlap.
std::uint64_t scramble(std::uint64_t value, std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps; ++i) {
        value = value * 6364136223846793005U + 1442695040888963407U;
    }
    return value;
}

}  // namespace

Partial run_plainly(const Work& work) {
    return with_map(work, [&](auto map) {
        Partial all;
        for (std::uint64_t i = 0; i < work.chunks; ++i) {
            all = all + map(i);
        }
        return all;
    });
}

Partial MicrosecondChunk::operator()(std::uint64_t index) const {
    return {scramble(index, microseconds * steps_in_a_microsecond), 1};
}

void MicrosecondChunk::calibrate() {
    using Clock = std::chrono::steady_clock;
    constexpr std::uint64_t steps = 1'000'000;
    double shortest = 1e9;  // the least disturbed try
    volatile std::uint64_t sink = 0;
    for (int i = 0; i < 10; ++i) {
        const auto start = Clock::now();
        sink = scramble(sink, steps);
        const std::chrono::duration<double, std::micro> spent = Clock::now() - start;
        shortest = std::min(shortest, spent.count());
    }
    steps_in_a_microsecond = static_cast<std::uint64_t>(static_cast<double>(steps) / shortest);
}

}  // namespace bench
