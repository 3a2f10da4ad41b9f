#pragma once

// The types of a function's parameters, where it has one signature. Not for users.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <type_traits>

namespace pinfold::detail {

/// The parameters of a function; none are known of a generic one, or one with overloads.
template <typename... Types>
struct Parameters {};

template <typename Result, typename... Types>
Parameters<Types...> parameters_of(Result (*)(Types...));
template <typename Result, typename Class, typename... Types>
Parameters<Types...> parameters_of(Result (Class::*)(Types...));
template <typename Result, typename Class, typename... Types>
Parameters<Types...> parameters_of(Result (Class::*)(Types...) const);

template <typename F>
constexpr auto known_parameters() {
    if constexpr (requires { &F::operator(); }) {
        return decltype(parameters_of(&F::operator())){};
    } else if constexpr (std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>) {
        return decltype(parameters_of(std::declval<F>())){};
    } else {
        return Parameters<>{};
    }
}

template <typename Type, typename Parameter>
inline constexpr bool is_other_number =
    std::is_arithmetic_v<Type>&& std::is_arithmetic_v<std::remove_cvref_t<Parameter>> &&
    !std::is_same_v<Type, std::remove_cvref_t<Parameter>>;

template <typename Type, typename... Types>
constexpr bool take_other_numbers(Parameters<Types...>) noexcept {
    return (is_other_number<Type, Types> || ...);
}

/// Whether F takes a number of another type than Type, to which a Type would silently convert.
template <typename F, typename Type>
inline constexpr bool takes_other_number = take_other_numbers<Type>(known_parameters<F>());

template <typename T>
constexpr std::uint64_t highest_of() noexcept {
    if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(std::uint64_t)) {
        constexpr std::size_t bits = 8 * sizeof(T) - (std::is_signed_v<T> ? 1 : 0);
        return ~std::uint64_t{0} >> (64 - bits);
    } else {
        return ~std::uint64_t{0};
    }
}

template <typename Known>
struct FirstOf {
    using Type = void;
};
template <typename First, typename... Types>
struct FirstOf<Parameters<First, Types...>> {
    using Type = std::remove_cvref_t<First>;
};

/// The type of F's first parameter, or void where that is not known.
template <typename F>
using FirstParameter = typename FirstOf<decltype(known_parameters<F>())>::Type;

constexpr bool begins_with_value(Parameters<>) noexcept {
    return false;
}
template <typename First, typename... Types>
constexpr bool begins_with_value(Parameters<First, Types...>) noexcept {
    return !std::is_reference_v<First>;
}

/// Whether F is known to get a copy as its first argument.
template <typename F>
inline constexpr bool takes_first_by_value = begins_with_value(known_parameters<F>());

constexpr std::uint64_t highest_of_first(Parameters<>) noexcept {
    return ~std::uint64_t{0};
}
template <typename First, typename... Types>
constexpr std::uint64_t highest_of_first(Parameters<First, Types...>) noexcept {
    return highest_of<std::remove_cvref_t<First>>();
}

/// The highest number that F's first parameter can hold.
template <typename F>
inline constexpr std::uint64_t highest_argument = highest_of_first(known_parameters<F>());

}  // namespace pinfold::detail
