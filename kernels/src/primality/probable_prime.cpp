#include "primality/probable_prime.hpp"

#include <array>
#include <bit>
#include <span>
#include <utility>

#include "arithmetic/integer_sqrt.hpp"
#include "primality/small_factors.hpp"

namespace pinfold::kernels {
namespace {

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

/// The P of lucas_parameter() up to 6, or 0, by n mod 840: for P = 3, 4, 5, 6 the symbols are
/// (5 | n), (3 | n), (21 | n) and (2 | n), which are known from n mod 5, 12, 21 and 8.
constexpr auto first_parameters = [] {
    // A bit for each remainder whose numbers have the symbol -1.
    constexpr std::uint64_t minus_mod_5 = 0b1100;
    constexpr std::uint64_t minus_mod_12 = 0b1010'0000;
    constexpr std::uint64_t minus_mod_21 = 0b1000'0010'1101'0000'0100;
    constexpr std::uint64_t minus_mod_8 = 0b0010'1000;
    std::array<std::uint8_t, 840> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = ((minus_mod_5 >> (i % 5)) & 1) != 0     ? 3
                   : ((minus_mod_12 >> (i % 12)) & 1) != 0 ? 4
                   : ((minus_mod_21 >> (i % 21)) & 1) != 0 ? 5
                   : ((minus_mod_8 >> (i % 8)) & 1) != 0   ? 6
                                                           : 0;
    }
    return table;
}();

bool is_square(std::uint64_t n) noexcept {
    const std::uint64_t root = integer_sqrt(n);
    return root * root == n;
}

}  // namespace

Verdict try_small_primes(std::uint64_t n) noexcept {
    if (n % 2 == 0 || n == 1) {
        return n == 2 ? Verdict::prime : Verdict::composite;
    }
    for (const Divisor& divisor : std::span(small_divisors).first(divisors_of_one)) {
        if (n * divisor.inverse <= divisor.largest_quotient) {
            return n == divisor.prime ? Verdict::prime : Verdict::composite;
        }
    }
    return n < 59 * 59 ? Verdict::prime : Verdict::open;
}

StrongTest::StrongTest(const Montgomery& mod, int digits) noexcept : mod_(mod), power_(mod.one()) {
    // 64 + 64^2 + ... of as many digits: each lends 64 to the one below it.
    constexpr std::uint64_t lent = 0x1041'0410'4104'1040;
    const int bits = digit_bits * digits;
    const std::uint64_t even = mod.modulus() - 1;
    exponent_ = (even >> std::countr_zero(even)) + (lent & ((std::uint64_t{2} << bits) - 1));
    const std::uint64_t doublings = exponent_ >> bits;
    for (std::uint64_t i = 0; i < unsigned{most_doublings}; ++i) {  // how many cannot be predicted
        power_ = i < doublings ? mod.add(power_, power_) : power_;
    }
}

bool StrongTest::passes() const noexcept {
    const std::uint64_t minus_one = mod_.modulus() - mod_.one();
    std::uint64_t power = power_;
    if (power == mod_.one() || power == minus_one) {
        return true;
    }
    for (int i = std::countr_zero(mod_.modulus() - 1); i > 1; --i) {
        power = mod_.multiply(power, power);
        if (power == minus_one) {
            return true;
        }
    }
    return false;
}

std::uint64_t lucas_parameter(std::uint64_t n) noexcept {
    const std::uint64_t first = first_parameters[n % first_parameters.size()];
    if (first != 0) {
        return first;
    }
    // A square has no such P; any other n has one soon: half of all P serve.
    constexpr std::uint64_t suspicious = 20;
    for (std::uint64_t p = 7;; ++p) {
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

LucasTest::LucasTest(const Montgomery& mod, std::uint64_t parameter) noexcept
    : mod_(mod),
      twos_(std::countr_zero(mod.modulus() + 1)),  // 2^64 - 1 is a multiple of 3: never comes here
      even_(mod.add(mod.one(), mod.one())) {
    const std::uint64_t exponent = (mod.modulus() + 1) >> twos_;
    changes_ = exponent ^ (exponent >> 1);
    const std::uint64_t raised = mod.one_twice_raised();
    odd_ = mod.multiply(parameter, raised);
    minus_p_ = mod.modulus() - mod.multiply(odd_, raised);
    minus_two_ = mod.modulus() - mod.add(raised, raised);
}

bool LucasTest::passes() const noexcept {
    const std::uint64_t two = mod_.add(mod_.one(), mod_.one());
    std::uint64_t v = odd_;
    if (v == two || v == mod_.modulus() - two) {
        return true;
    }
    for (int i = 0; i < twos_ - 1; ++i) {
        if (v == 0) {
            return true;
        }
        v = mod_.multiply_add(v, v, minus_two_);
    }
    return false;
}

bool is_probable_prime(const Montgomery& mod) noexcept {
    const std::uint64_t parameter = lucas_parameter(mod.modulus());
    if (parameter == 0) {
        return false;
    }
    const int digits = StrongTest::digits(mod.modulus());
    StrongTest strong(mod, digits);
    LucasTest lucas(mod, parameter);
    for (int bit = 63 - std::countl_zero(mod.modulus()); bit >= StrongTest::digit_bits * digits;
         --bit) {
        lucas.step(bit);
    }
    for (int digit = digits - 1; digit >= 0; --digit) {
        for (int bit = StrongTest::digit_bits - 1; bit >= 0; --bit) {
            strong.square();
            lucas.step(StrongTest::digit_bits * digit + bit);
        }
        strong.shift(digit);
    }
    return strong.passes() && lucas.passes();
}

}  // namespace pinfold::kernels
