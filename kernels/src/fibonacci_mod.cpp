// Fast doubling: F(2k) = F(k) (2 F(k+1) - F(k)) and F(2k+1) = F(k)^2 + F(k+1)^2, one step for each
// bit of n. An even modulus is 2^k times an odd one. Modulo the odd part Montgomery's product
// serves; modulo 2^64, and so modulo 2^k, machine words wrap by themselves; the Chinese remainder
// theorem joins the two. No step divides.
#include <bit>
#include <pinfold/kernels/fibonacci.hpp>
#include <stdexcept>

#include "montgomery.hpp"
#include "number_range.hpp"

namespace pinfold::kernels {
namespace {

struct Pair {
    std::uint64_t now;   ///< F(n)
    std::uint64_t next;  ///< F(n + 1)
};

/// Arithmetic modulo 2^64, in the shape of Montgomery.
struct Wrapping {
    static constexpr std::uint64_t one() noexcept { return 1; }
    static constexpr std::uint64_t add(std::uint64_t a, std::uint64_t b) noexcept { return a + b; }
    static constexpr std::uint64_t subtract(std::uint64_t a, std::uint64_t b) noexcept {
        return a - b;
    }
    static constexpr std::uint64_t multiply(std::uint64_t a, std::uint64_t b) noexcept {
        return a * b;
    }
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

/// The x below odd 2^twos with x = a mod odd and x = b mod 2^twos, for twos < 64.
std::uint64_t join(std::uint64_t a, std::uint64_t b, std::uint64_t odd, int twos) noexcept {
    const std::uint64_t mask = (std::uint64_t{1} << twos) - 1;
    return a + odd * (((b - a) * Montgomery::inverse(odd)) & mask);
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

std::uint64_t add_mod(std::uint64_t a, std::uint64_t b, std::uint64_t m) noexcept {
    return a >= m - b ? a - (m - b) : a + b;
}

void require_modulus(std::uint64_t m) {
    if (m == 0) {
        throw std::invalid_argument("the modulus is 0; it must be at least 1");
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
    Pair f = fibonacci_pair(begin, m);
    std::uint64_t sum = 0;
    for (uint128 n = begin; n < end; ++n) {
        sum = add_mod(sum, f.now, m);
        f = {f.next, add_mod(f.now, f.next, m)};
    }
    return sum;
}

void fibonacci_table(std::uint64_t begin, std::span<std::uint64_t> table, std::uint64_t m) {
    require_modulus(m);
    require_range(begin, uint128{begin} + table.size());
    Pair f = fibonacci_pair(begin, m);
    for (std::uint64_t& entry : table) {
        entry = f.now;
        f = {f.next, add_mod(f.now, f.next, m)};
    }
}

}  // namespace pinfold::kernels
