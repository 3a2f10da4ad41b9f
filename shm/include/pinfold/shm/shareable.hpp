#pragma once

#include <cstddef>
#include <optional>
#include <pinfold/api.hpp>
#include <type_traits>

namespace pinfold::shm {

/// The largest alignment that an Arena gives, and so that of whatever lies in one: 4096 bytes.
inline constexpr std::size_t largest_alignment = 4096;

/// A type whose bytes mean the same in every process that maps them: trivially copyable, and no
/// reference. It may hold pointers into an Arena, which lies at one address in all workers. Other
/// pointers compile too, but are wrong.
template <typename T>
concept Shareable = std::is_object_v<T> && std::is_trivially_copyable_v<T>;

namespace detail {

template <std::size_t size>
struct ZeroBytes {
    unsigned char bytes[size];
};
template <typename T>
constexpr bool is_made_of_zeros() {
    return static_cast<void>(__builtin_bit_cast(T, ZeroBytes<sizeof(T)>{})), true;
}

template <typename T>
inline constexpr bool is_optional_without_address = false;

}  // namespace detail

/// A type of which the compiler makes a value from any bytes while it compiles. It does so of no
/// type with a pointer or a reference in it. And an optional one: it has a union, of which the
/// compiler makes none, and without a value its bytes are whatever lay there.
template <typename T, typename Element = std::remove_all_extents_t<T>>
concept HoldsNoAddress = std::is_trivially_copyable_v<T> &&
    (std::is_arithmetic_v<Element> || std::is_enum_v<Element> ||
     detail::is_optional_without_address<Element> ||
     requires { typename std::bool_constant<detail::is_made_of_zeros<Element>()>; });

template <typename T>
inline constexpr bool detail::is_optional_without_address<std::optional<T>> = HoldsNoAddress<T>;

}  // namespace pinfold::shm
