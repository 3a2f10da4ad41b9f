#pragma once

#include <array>
#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/shm/shareable.hpp>
#include <type_traits>

#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define PINFOLD_CLEARS_PADDING
#endif
#endif

namespace pinfold::shm {

/// Whether two values, whose bytes differ, are the same but for bytes that mean nothing. It gets
/// copies, which it may change.
using SameValue = bool (*)(void* a, void* b);

namespace detail {

/// The SameValue of a type of which that cannot be known.
[[nodiscard]] PINFOLD_API bool cannot_compare(void* a, void* b) noexcept;

inline bool always_same(void*, void*) noexcept {
    return true;
}

/// Every byte is part of the value.
template <typename T>
inline constexpr bool has_no_padding = std::has_unique_object_representations_v<T> ||
                                       std::is_same_v<T, float> || std::is_same_v<T, double>;

/// Bytes of a value that is not there mean nothing.
template <typename T>
inline constexpr bool is_optional = requires(T& o) {
    typename T::value_type;
    static_cast<bool>(o.has_value());
    *o;
};

/// A complex number, or what looks like one, is two numbers.
template <typename T>
inline constexpr bool is_two_numbers = requires(const T& z) {
    requires sizeof(T) == 2 * sizeof(z.real()) && sizeof(z.real() + z.imag()) <= sizeof(double);
};

template <typename T>
inline constexpr bool is_std_array = false;
template <typename T, std::size_t Size>
inline constexpr bool is_std_array<std::array<T, Size>> = Size > 0;

/// Where the compiler cannot tell padding from the rest, `==` says it: of numbers, and of
/// aggregates that have one. Of others it might not compile.
template <typename T>
consteval bool can_compare() {
    if constexpr (std::is_array_v<T>) {
        return can_compare<std::remove_extent_t<T>>();
    } else if constexpr (is_std_array<T> || is_optional<T>) {
        return can_compare<typename T::value_type>();
    } else {
#if defined(PINFOLD_CLEARS_PADDING)
        return true;
#else
        return has_no_padding<T> || is_two_numbers<T> ||
               ((std::is_aggregate_v<T> || std::is_arithmetic_v<T>)&&requires(
                   const T& a, const T& b) { static_cast<bool>(a == b); });
#endif
    }
}

template <typename T>
bool are_same(T& a, T& b) {
    if constexpr (std::is_array_v<T> || is_std_array<T>) {
        bool same = true;
        for (std::size_t i = 0; same && i < sizeof(T) / sizeof(a[0]); ++i) {
            same = are_same(a[i], b[i]);
        }
        return same;
    } else if constexpr (is_optional<T>) {
        return a.has_value() == b.has_value() && (!a.has_value() || are_same(*a, *b));
    } else if constexpr (has_no_padding<T> || is_two_numbers<T>) {
        return __builtin_memcmp(__builtin_addressof(a), __builtin_addressof(b), sizeof(T)) == 0;
    } else {
#if defined(PINFOLD_CLEARS_PADDING)
        __builtin_clear_padding(__builtin_addressof(a));
        __builtin_clear_padding(__builtin_addressof(b));
        return __builtin_memcmp(__builtin_addressof(a), __builtin_addressof(b), sizeof(T)) == 0;
#else
        return __builtin_memcmp(__builtin_addressof(a), __builtin_addressof(b), sizeof(T)) == 0 ||
               static_cast<bool>(a == b);
#endif
    }
}

}  // namespace detail

/// Of a type whose bytes are its value, nullptr.
template <Shareable T>
constexpr SameValue same_value() noexcept {
    using Element = std::remove_all_extents_t<T>;
    if constexpr (std::is_empty_v<T>) {
        return detail::always_same;
    } else if constexpr (detail::has_no_padding<Element> || detail::is_two_numbers<Element>) {
        return nullptr;
    } else if constexpr (detail::can_compare<T>()) {
        return [](void* a, void* b) {
            return detail::are_same(*static_cast<T*>(a), *static_cast<T*>(b));
        };
    } else {
        return detail::cannot_compare;
    }
}

}  // namespace pinfold::shm
