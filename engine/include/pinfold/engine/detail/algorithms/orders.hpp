#pragma once

// What can be put in order, and by what. Not for users.

#include <pinfold/api.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <type_traits>

namespace pinfold::detail {

template <typename In>
inline constexpr bool is_range = std::is_same_v<InputOf<In>, RangeInput>;

/// Whether every worker sees all elements of an input where they lie.
template <typename In>
inline constexpr bool has_elements_in_place = requires(const typename InputOf<In>::Data& data) {
    data.of(Chunk{}).data();
};

template <typename Less, typename In>
consteval bool check_order() {
    if constexpr (check_function<Less>()) {
        using E = Element<In>;
        using Called = MapCall<Meant<Less>, E, E>;
        constexpr bool compares = std::is_invocable_r_v<bool, const Meant<Less>&, E, E>;
        static_assert(compares || !check_constant<Called>(),
                      "pinfold: elements are compared as less(a, b) with two const T&, which tells "
                      "whether a comes before b; without one it is a < b");
        return compares;
    }
    return false;
}

}  // namespace pinfold::detail
