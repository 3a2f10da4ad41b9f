#pragma once

// The members of an aggregate, found by Boost.PFR. Not for users.
//
// Boost.PFR counts members by how many values a pair of braces takes. Two things are wrong with its
// count: each element of a C array is one, and g++ 12 has an internal error where a member is a
// std::array of strings. So this counts, and Boost.PFR binds.

#include <pinfold/api.hpp>
#if !__has_include(<boost/pfr.hpp>)
// A file that is missing ends the compilation with one error. After an #error, more would follow.
#include "pinfold/shm/crossing.hpp needs Boost.PFR: install libboost-dev 1.75 or newer"
#endif

#include <boost/pfr.hpp>
#include <cstddef>
#include <pinfold/shm/crossing/form.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::shm::detail {

template <typename T>
struct AnyBaseOf {
    template <typename Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) operator Base() const;
};

/// Whether an aggregate's first part is a base class, whose members nobody can bind.
template <typename T>
concept HasBase = requires {
    T{AnyBaseOf<T>{}};
};

/// An aggregate without a base class, whose members can be assigned: no reference, and no const.
template <typename T>
concept HasFields =
    std::is_aggregate_v<T> && std::is_class_v<T> && std::is_move_assignable_v<T> && !HasBase<T>;

struct AnyToCopy {
    template <typename Member>
    operator Member&() const& noexcept;
    template <typename Member>
    operator Member&() const&& noexcept;
};
struct AnyToMove {
    template <typename Member>
    operator Member() const&& noexcept;
};
template <typename T, std::size_t>
using Any = std::conditional_t<std::is_copy_constructible_v<T>, AnyToCopy, AnyToMove>;

template <typename T, std::size_t... i>
consteval bool takes(std::index_sequence<i...>) {
    return requires {
        T{Any<T, i>{}...};
    };
}

/// How many values the braces of a T take.
template <typename T, std::size_t count = 0>
consteval std::size_t count_values() {
    if constexpr (takes<T>(std::make_index_sequence<count>{}) &&
                  !takes<T>(std::make_index_sequence<count + 1>{})) {
        return count;
    } else {
        return count_values<T, count + 1>();
    }
}
template <typename T>
inline constexpr std::size_t values_of = count_values<T>();

template <typename T, std::size_t... before, std::size_t... behind>
consteval bool takes_two_in_braces(std::index_sequence<before...>, std::index_sequence<behind...>) {
    return requires {
        T{Any<T, before>{}..., {Any<T, 0>{}, Any<T, 1>{}}, Any<T, behind>{}...};
    };
}

/// How many of the values belong to the member that begins with this one: more than one where it is
/// a C array, since inner braces then stand for all of its elements.
template <typename T, std::size_t at, std::size_t size = 1>
consteval std::size_t values_of_member() {
    using Before = std::make_index_sequence<at>;
    constexpr std::size_t behind = values_of<T> - at - size;
    if constexpr (!takes_two_in_braces<T>(Before{}, std::index_sequence<>{})) {
        return 1;
    } else if constexpr (takes_two_in_braces<T>(Before{}, std::make_index_sequence<behind>{})) {
        return size;
    } else {
        return values_of_member<T, at, size + 1>();
    }
}

template <typename T, std::size_t at = 0>
consteval std::size_t count_members() {
    if constexpr (at >= values_of<T>) {
        return 0;
    } else {
        return 1 + count_members<T, at + values_of_member<T, at>()>();
    }
}
template <typename T>
using MemberCount = boost::pfr::detail::size_t_<count_members<T>()>;

/// References to the members of a T.
template <typename T>
auto bind_members(T& value) {
    return boost::pfr::detail::tie_as_tuple(value, MemberCount<std::remove_cv_t<T>>{});
}

template <typename Bound>
struct MembersOf;
template <typename... Ts>
struct MembersOf<boost::pfr::detail::sequence_tuple::tuple<Ts...>> {
    using type = Types<std::remove_reference_t<Ts>...>;
};

/// Types<...> of the members of T.
template <HasFields T>
using Fields = typename MembersOf<decltype(bind_members(std::declval<T&>()))>::type;

/// Calls visit(member) for each member, in their order.
template <typename T, typename Visit>
void for_each_field(T& value, Visit visit) {
    [[maybe_unused]] auto members = bind_members(value);
    [&]<std::size_t... i>(std::index_sequence<i...>) {
        (visit(boost::pfr::detail::sequence_tuple::get<i>(members)), ...);
    }
    (std::make_index_sequence<MemberCount<std::remove_cv_t<T>>::value>{});
}

}  // namespace pinfold::shm::detail
