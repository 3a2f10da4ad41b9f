#pragma once

// Inputs whose elements lie in a row, and are copied or counted by their bytes. Not for users.

#include <pinfold/api.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <span>
#include <type_traits>

namespace pinfold::detail {

/// Whether an input's elements are numbers, or lie in a row: each is its own bytes then.
template <typename Arguments>
inline constexpr bool are_in_a_row = false;
template <>
inline constexpr bool are_in_a_row<Types<>> = true;
template <typename T>
inline constexpr bool are_in_a_row<Types<std::span<T>>> = true;

template <typename In>
consteval bool check_is_in_a_row() {
    if constexpr (check_input<In>()) {
        constexpr bool is_in_a_row = are_in_a_row<typename InputOf<In>::Data::Arguments>;
        static_assert(is_in_a_row,
                      "pinfold: this copies or finds numbers of a range, or elements of an array "
                      "or a file: of lines, words, strings and neighbourhoods, gather what a map "
                      "makes of them");
        return is_in_a_row;
    }
    return false;
}

/// A copy of an input's element.
template <typename In>
using ElementCopy = std::remove_cvref_t<Element<In>>;

}  // namespace pinfold::detail
