#pragma once

#include <bit>
#include <cstdint>

#include "arithmetic/montgomery.hpp"

// The two halves of the test of Baillie and Wagstaff (1980) and Pomerance, Selfridge and Wagstaff
// (1980). No composite below 2^64 passes both: Feitsma's list (2013) holds every strong pseudoprime
// to base 2 up to there, and each of them fails the second.
namespace pinfold::kernels {

/// Answers what trial division can: n has a prime factor up to 53, or is below 59^2.
enum class Verdict { composite, prime, open };
Verdict try_small_primes(std::uint64_t n) noexcept;

/// The least P > 2 with (P^2 - 4 | n) = -1, for an n that try_small_primes left open; 0 when n is
/// found to be composite on the way.
std::uint64_t lucas_parameter(std::uint64_t n) noexcept;

/// The strong test to base 2 of an n that try_small_primes left open, in steps, so that others can
/// run beside it: for each digit from digits(n) - 1 down to 0, digit_bits times square(), then
/// shift(digit). Then passes().
///
/// A product with a plain 2^w stands for 2^(w - 64), so the odd part of n - 1 is written with
/// digits from -64 to -1. That is cheaper than to double after every square: a doubling is a
/// correction.
class StrongTest {
  public:
    static constexpr int digit_bits = 6;
    static constexpr int most_digits = 10;  ///< of a 64-bit number
    static constexpr int most_doublings = 9;

    /// The digits for n: what is left of n - 1 above them is at most most_doublings.
    static constexpr int digits(std::uint64_t n) noexcept {
        return (65 - std::countl_zero(n)) / digit_bits;
    }

    /// Takes digits(n) or more; the others are zeros.
    StrongTest(const Montgomery& mod, int digits) noexcept;

    void square() noexcept { power_ = mod_.multiply(power_, power_); }

    /// For who takes these steps for several numbers side by side: the power between two of them,
    /// and the digits.
    [[nodiscard]] std::uint64_t power() const noexcept { return power_; }
    [[nodiscard]] std::uint64_t exponent() const noexcept { return exponent_; }
    void set_power(std::uint64_t power) noexcept { power_ = power % mod_.modulus(); }

    void shift(int digit) noexcept {
        const auto places = (exponent_ >> (digit_bits * digit)) & 63;
        power_ = mod_.multiply(power_, std::uint64_t{1} << places);
    }

    /// Whether the power is 1, or one of its repeated squares is -1.
    [[nodiscard]] bool passes() const noexcept;

  private:
    Montgomery mod_;
    std::uint64_t exponent_;  ///< the odd part of n - 1, plus 64 of each digit
    std::uint64_t power_;
};

/// The almost extra strong Lucas test in the same shape: Grantham's extra strong test (2001) by the
/// V sequence alone, for Q = 1 and the P of lucas_parameter().
class LucasTest {
  public:
    LucasTest(const Montgomery& mod, std::uint64_t parameter) noexcept;

    /// Takes the next bit of the odd part of n + 1, by V(2k) = V(k)^2 - 2 and V(2k + 1) =
    /// V(k) V(k + 1) - P; leading zeros keep V(0) and V(1). Which of the two is V(k) the product
    /// need not know; the square asks whether the bit differs from the last one.
    void step(int bit) noexcept {
        const std::uint64_t root = ((changes_ >> bit) & 1) != 0 ? odd_ : even_;
        odd_ = mod_.multiply_add(odd_, even_, minus_p_);
        even_ = mod_.multiply_add(root, root, minus_two_);
    }

    /// For who takes these steps for several numbers side by side.
    struct Values {
        std::uint64_t even;  ///< of V(k) and V(k + 1) the one with the even index
        std::uint64_t odd;
    };
    [[nodiscard]] Values values() const noexcept { return {even_, odd_}; }
    [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }
    [[nodiscard]] std::uint64_t minus_two() const noexcept { return minus_two_; }
    [[nodiscard]] std::uint64_t minus_p() const noexcept { return minus_p_; }
    void set_values(const Values& values) noexcept {
        even_ = values.even % mod_.modulus();
        odd_ = values.odd % mod_.modulus();
    }

    /// Whether V at the odd part is 2 or -2, or it or one of its repeated doublings is 0.
    [[nodiscard]] bool passes() const noexcept;

  private:
    Montgomery mod_;
    int twos_;                 ///< in n + 1
    std::uint64_t changes_;    ///< a bit where one of the odd part of n + 1 differs from the next
    std::uint64_t minus_two_;  ///< twice raised, as minus_p_
    std::uint64_t minus_p_;
    std::uint64_t even_;  ///< of V(k) and V(k + 1) the one with the even index
    std::uint64_t odd_;
};

/// Whether an n that try_small_primes left open passes both, side by side: a chain of products
/// leaves room for another two.
bool is_probable_prime(const Montgomery& mod) noexcept;

}  // namespace pinfold::kernels
