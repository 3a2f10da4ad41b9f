#include "fibonacci/fibonacci_streams.hpp"
#include "fibonacci/fibonacci_table.hpp"

namespace pinfold::kernels {
namespace {

/// As many as fit the registers.
constexpr std::size_t at_once = 4;

}  // namespace

void fill_table_scalar(TableStreams& streams, std::uint64_t* table, std::size_t steps,
                       std::uint64_t m, Stores) noexcept {
    for (std::size_t first = 0; first < table_streams; first += at_once) {
        std::array<std::uint64_t, at_once> now;
        std::array<std::uint64_t, at_once> next;
        for (std::size_t i = 0; i < at_once; ++i) {
            now[i] = streams.now[first + i];
            next[i] = streams.next[first + i];
        }
        for (std::size_t step = 0; step < steps; ++step) {
            for (std::size_t i = 0; i < at_once; ++i) {
                table[(first + i) * steps + step] = now[i];
                const std::uint64_t after = add_mod(now[i], next[i], m);
                now[i] = next[i];
                next[i] = after;
            }
        }
        for (std::size_t i = 0; i < at_once; ++i) {
            streams.now[first + i] = now[i];
            streams.next[first + i] = next[i];
        }
    }
}

}  // namespace pinfold::kernels
