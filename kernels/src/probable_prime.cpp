#include "probable_prime.hpp"

#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "integer_sqrt.hpp"

namespace pinfold::kernels {
namespace {

/// An odd p divides n when n times p's inverse mod 2^64 is at most (2^64 - 1) / p.
struct Divisor {
    std::uint64_t prime;
    std::uint64_t inverse;
    std::uint64_t largest_quotient;
};

constexpr auto divisors = [] {
    constexpr std::array<std::uint64_t, 15> primes = {3,  5,  7,  11, 13, 17, 19, 23,
                                                      29, 31, 37, 41, 43, 47, 53};
    std::array<Divisor, primes.size()> table{};
    for (std::size_t i = 0; i < primes.size(); ++i) {
        table[i] = {primes[i], Montgomery::inverse(primes[i]),
                    std::numeric_limits<std::uint64_t>::max() / primes[i]};
    }
    return table;
}();

/// The Jacobi symbol (a | n) of an odd n.
int jacobi(std::uint64_t a, std::uint64_t n) noexcept {
    int sign = 1;
    while (a != 0) {
        const int twos = std::countr_zero(a);
        a >>= twos;
        if (twos % 2 == 1 && (n % 8 == 3 || n % 8 == 5)) {
            sign = -sign;
        }
        if (a % 4 == 3 && n % 4 == 3) {
            sign = -sign;
        }
        std::swap(a, n);
        a %= n;
    }
    return n == 1 ? sign : 0;
}

bool is_square(std::uint64_t n) noexcept {
    const std::uint64_t root = integer_sqrt(n);
    return root * root == n;
}

}  // namespace

Verdict try_small_primes(std::uint64_t n) noexcept {
    if (n % 2 == 0 || n == 1) {
        return n == 2 ? Verdict::prime : Verdict::composite;
    }
    for (const Divisor& divisor : divisors) {
        if (n * divisor.inverse <= divisor.largest_quotient) {
            return n == divisor.prime ? Verdict::prime : Verdict::composite;
        }
    }
    return n < 59 * 59 ? Verdict::prime : Verdict::open;
}

bool has_small_factor(std::uint64_t n) noexcept {
    bool found = n % 2 == 0;
    for (const Divisor& divisor : divisors) {
        found |= n * divisor.inverse <= divisor.largest_quotient;
    }
    return found;
}

bool is_strong_end(const Montgomery& mod, std::uint64_t power) noexcept {
    const std::uint64_t minus_one = mod.modulus() - mod.one();
    if (power == mod.one() || power == minus_one) {
        return true;
    }
    for (int i = std::countr_zero(mod.modulus() - 1); i > 1; --i) {
        power = mod.multiply(power, power);
        if (power == minus_one) {
            return true;
        }
    }
    return false;
}

bool is_strong_probable_prime(const Montgomery& mod) noexcept {
    const std::uint64_t n = mod.modulus();
    const int twos = std::countr_zero(n - 1);
    const std::uint64_t exponent = (n - 1) >> twos;
    std::uint64_t power = mod.one();
    for (int bit = 63 - std::countl_zero(exponent); bit >= 0; --bit) {
        power = mod.multiply(power, power);
        const std::uint64_t doubled = mod.add(power, power);
        power = ((exponent >> bit) & 1) != 0 ? doubled : power;
    }
    return is_strong_end(mod, power);
}

std::uint64_t lucas_parameter(std::uint64_t n) noexcept {
    // For P = 3 and 4 the symbols are (5 | n) and (3 | n), known from n mod 5 and mod 12.
    if (n % 5 == 2 || n % 5 == 3) {
        return 3;
    }
    if (n % 12 == 5 || n % 12 == 7) {
        return 4;
    }
    // A square has no such P; any other n has one soon: half of all P serve.
    constexpr std::uint64_t suspicious = 20;
    for (std::uint64_t p = 5;; ++p) {
        const std::uint64_t discriminant = p * p - 4;
        const int symbol = jacobi(discriminant % n, n);
        if (symbol < 0) {
            return p;
        }
        if ((symbol == 0 && discriminant % n != 0) || (p == suspicious && is_square(n))) {
            return 0;
        }
    }
}

bool is_lucas_probable_prime(const Montgomery& mod) noexcept {
    const std::uint64_t n = mod.modulus();
    const std::uint64_t parameter = lucas_parameter(n);
    if (parameter == 0) {
        return false;
    }
    std::uint64_t p = 0;
    for (std::uint64_t i = 0; i < parameter; ++i) {
        p = mod.add(p, mod.one());
    }
    const std::uint64_t two = mod.add(mod.one(), mod.one());

    // n + 1 = exponent 2^twos. 2^64 - 1 is a multiple of 3 and never comes here.
    const int twos = std::countr_zero(n + 1);
    const std::uint64_t exponent = (n + 1) >> twos;

    // V(2k) = V(k)^2 - 2 and V(2k + 1) = V(k) V(k + 1) - P, from V(1) = P and V(2) = P^2 - 2.
    std::uint64_t v = p;
    std::uint64_t after = mod.subtract(mod.multiply(p, p), two);
    for (int bit = 62 - std::countl_zero(exponent); bit >= 0; --bit) {
        const std::uint64_t between = mod.subtract(mod.multiply(v, after), p);
        const bool odd = ((exponent >> bit) & 1) != 0;
        const std::uint64_t doubled = odd ? after : v;
        const std::uint64_t square = mod.subtract(mod.multiply(doubled, doubled), two);
        v = odd ? between : square;
        after = odd ? square : between;
    }
    if (v == two || v == n - two) {
        return true;
    }
    for (int i = 0; i < twos - 1; ++i) {
        if (v == 0) {
            return true;
        }
        v = mod.subtract(mod.multiply(v, v), two);
    }
    return false;
}

}  // namespace pinfold::kernels
