// Fast doubling: F(2k) = F(k) (2 F(k+1) - F(k)) and F(2k+1) = F(k)^2 + F(k+1)^2, one step for each
// bit of n. An even modulus is 2^k times an odd one. Modulo the odd part Montgomery's product
// serves; modulo 2^64, and so modulo 2^k, machine words wrap by themselves; the Chinese remainder
// theorem joins the two. No step divides.
#include <algorithm>
#include <bit>
#include <pinfold/kernels/fibonacci.hpp>

#include "arithmetic/number_range.hpp"
#include "fibonacci/fibonacci_arithmetic.hpp"
#include "fibonacci/fibonacci_functions.hpp"
#include "fibonacci/fibonacci_streams.hpp"
#include "fibonacci/fibonacci_table.hpp"

namespace pinfold::kernels {
namespace {

struct Pair {
    std::uint64_t now;   ///< F(n)
    std::uint64_t next;  ///< F(n + 1)
};

int bit_width(uint128 n) noexcept {
    const auto high = static_cast<std::uint64_t>(n >> 64);
    return high != 0 ? 128 - std::countl_zero(high)
                     : 64 - std::countl_zero(static_cast<std::uint64_t>(n));
}

template <typename Arithmetic>
Pair fast_doubling(uint128 n, const Arithmetic& mod) noexcept {
    Pair f{0, mod.one()};
    for (int bit = bit_width(n) - 1; bit >= 0; --bit) {
        const std::uint64_t even =
            mod.multiply(f.now, mod.subtract(mod.add(f.next, f.next), f.now));
        const std::uint64_t odd = mod.add(mod.multiply(f.now, f.now), mod.multiply(f.next, f.next));
        const bool step = ((n >> bit) & 1) != 0;
        f = {step ? odd : even, step ? mod.add(even, odd) : odd};
    }
    return f;
}

/// F(n) and F(n + 1) mod m, for m > 0.
Pair fibonacci_pair(uint128 n, std::uint64_t m) noexcept {
    const int twos = std::countr_zero(m);
    const std::uint64_t odd = m >> twos;
    Pair f{0, 0};
    if (odd > 1) {
        const Montgomery mod(odd);
        f = fast_doubling(n, mod);
        f = {mod.value(f.now), mod.value(f.next)};
    }
    if (twos > 0) {
        const Pair wrapped = fast_doubling(n, Wrapping{});
        f = {join(f.now, wrapped.now, odd, twos), join(f.next, wrapped.next, odd, twos)};
    }
    return f;
}

/// Shorter streams than this are not worth their seeds.
constexpr std::uint64_t worth_streams = 64;

/// The same for a table: the seeds take as long as some 8000 terms.
constexpr std::uint64_t worth_table_streams = 512;

/// In bytes. A table as large as this would drive everything else out of the caches, and itself.
constexpr std::size_t larger_than_caches = std::size_t{1} << 24;

/// Fills `part` from f on.
void fill(std::span<std::uint64_t> part, Pair f, std::uint64_t m) noexcept {
    for (std::uint64_t& term : part) {
        term = f.now;
        f = {f.next, add_mod(f.now, f.next, m)};
    }
}

}  // namespace

std::uint64_t fibonacci_mod(std::uint64_t n, std::uint64_t m) {
    require_modulus(m);
    return fibonacci_pair(n, m).now;
}

std::uint64_t fibonacci_sum_mod(std::uint64_t begin, uint128 end, std::uint64_t m) {
    require_modulus(m);
    require_range(begin, end);
    const std::uint64_t below_begin = fibonacci_pair(begin, m).next;
    return add_mod(fibonacci_pair(end, m).next, below_begin == 0 ? 0 : m - below_begin, m);
}

std::uint64_t fibonacci_sum_mod_by_recurrence(std::uint64_t begin, uint128 end, std::uint64_t m) {
    require_modulus(m);
    require_range(begin, end);
    const uint128 length = end - begin;
    const auto steps = static_cast<std::uint64_t>(length / fibonacci_streams / 3 * 3);
    std::uint64_t sum = 0;
    if (steps >= worth_streams) {
        FibonacciStreams streams;
        for (std::size_t i = 0; i < fibonacci_streams; ++i) {
            const Pair f = fibonacci_pair(uint128{begin} + uint128{steps} * i, m);
            streams.now[i] = f.now;
            streams.next[i] = f.next;
        }
        sum = fibonacci_functions.active().sum_streams(streams, steps, m);
    }
    const uint128 rest =
        steps >= worth_streams ? begin + uint128{steps} * fibonacci_streams : begin;
    Pair f = fibonacci_pair(rest, m);
    for (uint128 n = rest; n < end; ++n) {
        sum = add_mod(sum, f.now, m);
        f = {f.next, add_mod(f.now, f.next, m)};
    }
    return sum;
}

void fibonacci_table(std::uint64_t begin, std::span<std::uint64_t> table, std::uint64_t m) {
    require_modulus(m);
    require_range(begin, uint128{begin} + table.size());
    // The streams start at a cache line.
    const std::size_t into_line =
        reinterpret_cast<std::uintptr_t>(table.data()) / sizeof(m) % table_line;
    const std::size_t head = std::min(table.size(), (table_line - into_line) % table_line);
    const std::size_t steps = (table.size() - head) / table_streams / table_line * table_line;
    if (steps < worth_table_streams) {
        fill(table, fibonacci_pair(begin, m), m);
        return;
    }
    fill(table.first(head), fibonacci_pair(begin, m), m);
    TableStreams streams;
    for (std::size_t i = 0; i < table_streams; ++i) {
        const Pair f = fibonacci_pair(uint128{begin} + head + steps * i, m);
        streams.now[i] = f.now;
        streams.next[i] = f.next;
    }
    const Stores stores =
        table.size_bytes() < larger_than_caches ? Stores::cached : Stores::streaming;
    fibonacci_functions.active().fill_table(streams, &table[head], steps, m, stores);
    fill(table.subspan(head + steps * table_streams), {streams.now.back(), streams.next.back()}, m);
}

}  // namespace pinfold::kernels
