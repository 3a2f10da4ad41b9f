#include "fibonacci/fibonacci_streams.hpp"

namespace pinfold::kernels {
namespace {

/// As many as fit the registers.
constexpr std::size_t at_once = 4;

}  // namespace

std::uint64_t sum_streams_scalar(FibonacciStreams& streams, std::uint64_t steps,
                                 std::uint64_t m) noexcept {
    std::uint64_t total = 0;
    for (std::size_t first = 0; first < fibonacci_streams; first += at_once) {
        std::array<std::uint64_t, at_once> now;
        std::array<std::uint64_t, at_once> next;
        std::array<std::uint64_t, at_once> sum{};
        for (std::size_t i = 0; i < at_once; ++i) {
            now[i] = streams.now[first + i];
            next[i] = streams.next[first + i];
        }
        for (std::uint64_t step = 0; step < steps; step += 3) {
            for (std::size_t i = 0; i < at_once; ++i) {
                const std::uint64_t third = add_mod(now[i], next[i], m);
                now[i] = add_mod(next[i], third, m);
                next[i] = add_mod(third, now[i], m);
                sum[i] = add_mod(sum[i], third, m);
            }
        }
        for (std::size_t i = 0; i < at_once; ++i) {
            total = add_mod(total, sum[i], m);
            streams.now[first + i] = now[i];
            streams.next[first + i] = next[i];
        }
    }
    return add_mod(total, total, m);
}

}  // namespace pinfold::kernels
