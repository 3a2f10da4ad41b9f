// A fraction times 10^19 has the next nineteen digits before its point: one limb. Limbs that can no
// longer matter are dropped on the way.

#include "exact/decimal_leaf.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "exact/decimal_layout.hpp"
#include "exact/gmp_scratch.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t digits_of_limb = 19;

constexpr auto powers_of_ten = [] {
    std::array<Limb, digits_of_limb + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}();

constexpr auto digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < pairs.size() / 2; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

/// The last `digits` digits of a value below 10^19, from the last one on.
void write_limb(Limb value, char* text, std::size_t digits) {
    while (digits >= 2) {
        digits -= 2;
        std::memcpy(text + digits, &digit_pairs[2 * (value % 100)], 2);
        value /= 100;
    }
    if (digits == 1) {
        *text = static_cast<char>('0' + value);
    }
}

}  // namespace

bool write_leaf(std::span<Limb> fraction, std::span<char> text) noexcept {
    while (!text.empty()) {
        const std::size_t odd = text.size() % digits_of_limb;
        const std::size_t digits = odd != 0 ? odd : digits_of_limb;
        fraction = fraction.last(std::min(fraction.size(), fraction_limbs(text.size())));
        const Limb before_point =
            mpn_mul_1(fraction.data(), fraction.data(), static_cast<mp_size_t>(fraction.size()),
                      powers_of_ten[digits]);
        write_limb(before_point, text.data(), digits);
        text = text.subspan(digits);
    }
    // All errors together are below 2^-50, see decimal_digits.cpp.
    constexpr Limb almost_one = ~Limb{0} << 14;
    return fraction.back() >= almost_one;
}

}  // namespace pinfold::kernels
