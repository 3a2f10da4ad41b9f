#include <array>
#include <bit>

#include "probable_prime.hpp"
#include "probable_primes_batch.hpp"

namespace pinfold::kernels {
namespace {

/// Four chains fill the multiplier: with more their values leave the registers.
constexpr std::size_t lanes = 4;

/// 2 to the odd part of n - 1 for each modulus, all chains in step: leading zero bits square a one.
std::array<std::uint64_t, lanes> powers_of_two(const std::array<Montgomery, lanes>& mods) noexcept {
    std::array<std::uint64_t, lanes> power{};
    std::array<std::uint64_t, lanes> exponent{};
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
        const std::uint64_t even = mods[i].modulus() - 1;
        exponent[i] = even >> std::countr_zero(even);
        power[i] = mods[i].one();
        all |= exponent[i];
    }
    for (int bit = 63 - std::countl_zero(all); bit >= 0; --bit) {
        for (std::size_t i = 0; i < lanes; ++i) {
            const std::uint64_t square = mods[i].multiply(power[i], power[i]);
            const std::uint64_t doubled = mods[i].add(square, square);
            power[i] = ((exponent[i] >> bit) & 1) != 0 ? doubled : square;
        }
    }
    return power;
}

void test_four(std::span<const std::uint64_t> numbers, std::span<std::uint8_t> passed) noexcept {
    const auto number = [&](std::size_t i) { return numbers[i < numbers.size() ? i : 0]; };
    const std::array<Montgomery, lanes> mods = {Montgomery(number(0)), Montgomery(number(1)),
                                                Montgomery(number(2)), Montgomery(number(3))};
    const std::array<std::uint64_t, lanes> powers = powers_of_two(mods);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        passed[i] = is_strong_end(mods[i], powers[i]) && is_lucas_probable_prime(mods[i]) ? 1 : 0;
    }
}

}  // namespace

void test_batch_scalar(std::span<const std::uint64_t> numbers,
                       std::span<std::uint8_t> passed) noexcept {
    for (std::size_t i = 0; i < numbers.size(); i += lanes) {
        const std::size_t size = numbers.size() - i < lanes ? numbers.size() - i : lanes;
        test_four(numbers.subspan(i, size), passed.subspan(i, size));
    }
}

}  // namespace pinfold::kernels
