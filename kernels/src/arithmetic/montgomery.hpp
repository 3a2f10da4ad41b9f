#pragma once

#include <cstdint>
#include <pinfold/kernels/uint128.hpp>

namespace pinfold::kernels {

/// Arithmetic modulo an odd 64-bit n without division (Montgomery 1985): x stands for x 2^64 mod n,
/// and every value is kept below n.
class Montgomery {
  public:
    explicit constexpr Montgomery(std::uint64_t n) noexcept
        : n_(n), inverse_(inverse(n)), one_((0 - n) % n) {}

    [[nodiscard]] constexpr std::uint64_t modulus() const noexcept { return n_; }

    /// What stands for 1.
    [[nodiscard]] constexpr std::uint64_t one() const noexcept { return one_; }

    /// What stands for the product. The high halves are subtracted, not added, so no carry out of
    /// 128 bits is possible however large n is.
    [[nodiscard]] constexpr std::uint64_t multiply(std::uint64_t a,
                                                   std::uint64_t b) const noexcept {
        return reduce(uint128{a} * b);
    }

    /// What stands for a b + c, where c is given as what stands for its own stand-in: c 2^128 mod
    /// n. It is added before the reduction, so it costs no correction.
    [[nodiscard]] constexpr std::uint64_t multiply_add(std::uint64_t a, std::uint64_t b,
                                                       std::uint64_t twice_raised) const noexcept {
        return reduce(uint128{a} * b + twice_raised);
    }

    /// 2^128 mod n, what stands for the stand-in of 1.
    [[nodiscard]] constexpr std::uint64_t one_twice_raised() const noexcept {
        return static_cast<std::uint64_t>(uint128{one_} * one_ % n_);
    }

    [[nodiscard]] constexpr std::uint64_t add(std::uint64_t a, std::uint64_t b) const noexcept {
        return a >= n_ - b ? a - (n_ - b) : a + b;
    }
    [[nodiscard]] constexpr std::uint64_t subtract(std::uint64_t a,
                                                   std::uint64_t b) const noexcept {
        return a - b + (a < b ? n_ : 0);
    }

    /// The number that x stands for.
    [[nodiscard]] constexpr std::uint64_t value(std::uint64_t x) const noexcept {
        return reduce(x);
    }

    /// The inverse of an odd n mod 2^64: Newton's step doubles the right bits, from five.
    [[nodiscard]] static constexpr std::uint64_t inverse(std::uint64_t n) noexcept {
        std::uint64_t x = (3 * n) ^ 2;
        for (int bits = 5; bits < 64; bits *= 2) {
            x *= 2 - n * x;
        }
        return x;
    }

  private:
    /// t / 2^64 mod n, for t < 2^64 n.
    [[nodiscard]] constexpr std::uint64_t reduce(uint128 t) const noexcept {
        const auto high = static_cast<std::uint64_t>(t >> 64);
        const std::uint64_t quotient = static_cast<std::uint64_t>(t) * inverse_;
        const auto multiple = static_cast<std::uint64_t>((uint128{quotient} * n_) >> 64);
        return high - multiple + (high < multiple ? n_ : 0);
    }

    std::uint64_t n_;
    std::uint64_t inverse_;  ///< of n mod 2^64
    std::uint64_t one_;
};

}  // namespace pinfold::kernels
