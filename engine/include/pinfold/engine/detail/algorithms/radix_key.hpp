#pragma once

// Numbers as unsigned integers of the same order, for sorts that look at digits. Not for users.

#include <bit>
#include <cstdint>
#include <functional>
#include <pinfold/api.hpp>
#include <type_traits>

namespace pinfold::detail {

/// The orders of numbers that go by their digits: ascending and descending.
template <typename Key, typename Less>
inline constexpr bool is_ascending =
    std::is_same_v<Less, std::less<>> || std::is_same_v<Less, std::less<Key>> ||
    std::is_same_v<Less, std::ranges::less>;
template <typename Key, typename Less>
inline constexpr bool is_descending =
    std::is_same_v<Less, std::greater<>> || std::is_same_v<Less, std::greater<Key>> ||
    std::is_same_v<Less, std::ranges::greater>;

/// Whether a sort of these keys needs no comparisons.
template <typename Key, typename Less>
inline constexpr bool has_radix_key = (std::is_integral_v<Key> || std::is_same_v<Key, float> ||
                                       std::is_same_v<Key, double>)&&sizeof(Key) <=
                                          sizeof(std::uint64_t) &&
                                      (is_ascending<Key, Less> || is_descending<Key, Less>);

/// The bits of a number, with the sign's weight turned round. Both zeros have one key.
template <typename Key>
[[nodiscard]] constexpr std::uint64_t ascending_key(Key key) noexcept {
    if constexpr (std::is_floating_point_v<Key>) {
        using Bits = std::conditional_t<sizeof(Key) == 4, std::uint32_t, std::uint64_t>;
        constexpr Bits sign = Bits{1} << (8 * sizeof(Key) - 1);
        const auto raw = std::bit_cast<Bits>(key);
        const Bits bits = raw == sign ? Bits{0} : raw;
        return (bits & sign) != 0 ? static_cast<Bits>(~bits) : bits | sign;
    } else if constexpr (std::is_signed_v<Key>) {
        using Bits = std::make_unsigned_t<Key>;
        return static_cast<Bits>(static_cast<Bits>(key) ^ (Bits{1} << (8 * sizeof(Key) - 1)));
    } else {
        return static_cast<std::uint64_t>(key);
    }
}

/// The integer that stands for a key in this order. Every NaN has the last one, in both orders.
template <typename Less, typename Key>
[[nodiscard]] constexpr std::uint64_t radix_key(Key key) noexcept {
    if constexpr (std::is_floating_point_v<Key>) {
        if (key != key) {
            return ~std::uint64_t{0};
        }
    }
    const std::uint64_t ascending = ascending_key(key);
    if constexpr (is_descending<Key, Less>) {
        constexpr int unused_bits = 64 - 8 * static_cast<int>(sizeof(Key));
        return ~ascending << unused_bits >> unused_bits;
    }
    return ascending;
}

}  // namespace pinfold::detail
