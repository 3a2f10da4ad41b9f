#pragma once

// Which types cross, what is wrong with the others, and what an encoder must know of a type. Not
// for users.

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing/archives.hpp>
#include <pinfold/shm/crossing/fields.hpp>
#include <pinfold/shm/crossing/form.hpp>
#include <pinfold/shm/crossing/sinks.hpp>
#include <string_view>
#include <type_traits>

namespace pinfold::shm::detail {

template <typename T>
inline constexpr bool is_view = false;
template <typename C, typename Traits>
inline constexpr bool is_view<std::basic_string_view<C, Traits>> = true;
template <typename T>
inline constexpr bool is_function = false;
template <typename Signature>
inline constexpr bool is_function<std::function<Signature>> = true;
template <typename T>
inline constexpr bool is_weak_pointer = false;
template <typename T>
inline constexpr bool is_weak_pointer<std::weak_ptr<T>> = true;
template <typename T>
inline constexpr bool is_reference_wrapper = false;
template <typename T>
inline constexpr bool is_reference_wrapper<std::reference_wrapper<T>> = true;

template <typename T>
concept SmartPointer = is_weak_pointer<T> || requires(const T& pointer) {
    typename T::element_type;
    pointer.get();
};

template <typename Function>
inline constexpr std::size_t class_size = 0;
template <typename R, typename Class, typename... Args>
inline constexpr std::size_t class_size<R (Class::*)(Args...)> = sizeof(Class);
template <typename R, typename Class, typename... Args>
inline constexpr std::size_t class_size<R (Class::*)(Args...) const> = sizeof(Class);

/// The size of the class that a member function stands in, which may be a base of T. 0 where the
/// function is private, or there is none.
template <typename T, typename F = decltype(&T::template serialize<OutArchive<Writer>>)>
consteval std::size_t size_with_serialize(int) {
    return class_size<F>;
}
template <typename T>
consteval std::size_t size_with_serialize(...) {
    return 0;
}
template <typename T, typename F = decltype(&T::template save<OutArchive<Writer>>)>
consteval std::size_t size_with_save(int) {
    return class_size<F>;
}
template <typename T>
consteval std::size_t size_with_save(...) {
    return 0;
}

/// T has more members than the base class whose function would write it.
template <typename T>
consteval bool inherits_its_writing() {
    const std::size_t by_serialize = size_with_serialize<T>(0);
    const std::size_t size = by_serialize > 0 ? by_serialize : size_with_save<T>(0);
    return size > 0 && size < sizeof(T);
}

template <typename T>
consteval Form find_form() {
    if constexpr (simple_form<T> != Form::none) {
        return simple_form<T>;
    } else if constexpr (WritesItself<T> && ReadsItself<T>) {
        return Form::cereal;
    } else if constexpr (HasFields<T> && !WritesItself<T> && !ReadsItself<T> &&
                         !WritesItselfTwice<T>) {
        return Form::fields;
    } else {
        return Form::none;
    }
}
template <typename T>
inline constexpr Form form_of = find_form<T>();

template <typename T, Form form = form_of<T>>
struct InsideOf {
    using type = typename Known<T>::Inside;
};
template <typename T>
struct InsideOf<T, Form::fields> {
    using type = Fields<T>;
};
/// The types whose values a T holds, as far as they are known.
template <typename T>
using Inside = typename InsideOf<T>::type;

/// A set, a map or a hash table whose order or hash is more than its type. One that is read has a
/// new one, a pointer to a function would be null there.
template <typename T>
concept StatefulOrder =
    (requires { typename T::key_compare; } && !std::is_empty_v<typename T::key_compare>) ||
    (requires { typename T::hasher; } &&
     (!std::is_empty_v<typename T::hasher> || !std::is_empty_v<typename T::key_equal>));

/// What is wrong with a type that no form of ours fits.
template <typename T>
consteval CrossingFault fault_without_form() {
    if constexpr (WritesItselfTwice<T>) {
        return CrossingFault::serialized_twice;
    } else if constexpr (WritesItself<T> || ReadsItself<T>) {
        return CrossingFault::half_serialized;
    } else if constexpr (std::is_aggregate_v<T> && HasBase<T>) {
        return CrossingFault::has_base;
    } else if constexpr (std::is_aggregate_v<T> && std::is_class_v<T>) {
        return CrossingFault::reference_or_const;
    } else {
        return CrossingFault::hidden_members;
    }
}

/// What is wrong with T itself, whatever it holds.
template <typename T>
consteval CrossingFault own_fault() {
    if constexpr (std::is_reference_v<T> || is_reference_wrapper<T>) {
        return CrossingFault::reference_or_const;
    } else if constexpr (std::is_pointer_v<T> && !std::is_function_v<std::remove_pointer_t<T>>) {
        return CrossingFault::raw_pointer;
    } else if constexpr (SmartPointer<T>) {
        return CrossingFault::smart_pointer;
    } else if constexpr (is_function<T>) {
        return CrossingFault::function;
    } else if constexpr (std::is_polymorphic_v<T>) {
        return CrossingFault::polymorphic;
    } else if constexpr (is_view<T>) {
        return CrossingFault::view;
    } else if constexpr (!std::is_move_constructible_v<std::remove_all_extents_t<T>>) {
        return CrossingFault::not_copyable;
    } else if constexpr (form_of<T> == Form::none) {
        return fault_without_form<T>();
    } else if constexpr (form_of<T> == Form::bytes) {
        return std::is_move_assignable_v<std::remove_all_extents_t<T>> || HoldsNoAddress<T>
                   ? CrossingFault::none
                   : CrossingFault::reference_or_const;
    } else if constexpr (form_of<T> == Form::keyed && StatefulOrder<T>) {
        return CrossingFault::stateful_order;
    } else if constexpr (form_of<T> == Form::cereal && inherits_its_writing<T>()) {
        return CrossingFault::inherited_serialize;
    } else if constexpr (form_of<T> == Form::cereal && !std::is_default_constructible_v<T>) {
        return CrossingFault::no_default_constructor;
    } else {
        return CrossingFault::none;
    }
}

/// What is wrong, and with which of the types in T.
template <CrossingFault f, typename T>
struct Finding {
    static constexpr CrossingFault fault = f;
    using Culprit = T;
};
using NoFinding = Finding<CrossingFault::none, void>;

template <typename T, typename... Path>
inline constexpr bool is_one_of = (std::is_same_v<T, Path> || ...);

template <typename Inside, typename... Path>
struct JudgeAll;

/// Judges a type, `Path` being those that hold it: a type may hold itself.
template <typename T, typename... Path>
struct Judge {
    static consteval auto find() {
        using Value = std::remove_cv_t<T>;
        if constexpr (is_one_of<Value, Path...>) {
            return NoFinding{};
        } else if constexpr (constexpr CrossingFault fault = own_fault<Value>();
                             fault != CrossingFault::none) {
            return Finding<fault, Value>{};
        } else {
            return typename JudgeAll<Inside<Value>, Value, Path...>::type{};
        }
    }
    using type = decltype(find());
};
template <typename... Path>
struct JudgeAll<Types<>, Path...> {
    using type = NoFinding;
};
template <typename First, typename... Rest, typename... Path>
struct JudgeAll<Types<First, Rest...>, Path...> {
    using OfFirst = typename Judge<First, Path...>::type;
    using type = typename std::conditional_t<OfFirst::fault == CrossingFault::none,
                                             JudgeAll<Types<Rest...>, Path...>,
                                             std::type_identity<OfFirst>>::type;
};

template <typename T>
consteval bool check_member() {
    using Found = typename Judge<T>::type;
    check_what_it_points_to<T, typename Found::Culprit, Found::fault>();
    check_class<T, typename Found::Culprit, Found::fault>();
    return Found::fault == CrossingFault::none;
}

/// Whether `Test` holds for T or a type in it. T must cross.
template <template <typename> typename Test, typename T, typename... Path>
consteval bool any_inside() {
    using Value = std::remove_cv_t<T>;
    if constexpr (is_one_of<Value, Path...>) {
        return false;
    } else if constexpr (Test<Value>::value) {
        return true;
    } else {
        return []<typename... Held>(Types<Held...>) {
            return (any_inside<Test, Held, Value, Path...>() || ...);
        }(Inside<Value>{});
    }
}

template <typename T>
struct IsForCereal : std::bool_constant<form_of<T> == Form::cereal> {};
template <typename T>
struct MayHoldAddress
    : std::bool_constant<form_of<T> == Form::cereal || form_of<T> == Form::handle ||
                         (form_of<T> == Form::bytes && !HoldsNoAddress<T>)> {};

/// Whether values of T may lie inside of each other, as deep as the values say.
template <typename T, typename... Path>
consteval bool is_recursive() {
    using Value = std::remove_cv_t<T>;
    if constexpr (is_one_of<Value, Path...> || form_of<Value> == Form::cereal) {
        return true;
    } else {
        return []<typename... Held>(Types<Held...>) {
            return (is_recursive<Held, Value, Path...>() || ...);
        }(Inside<Value>{});
    }
}

/// How many bytes a T takes at least. 0 where only its class knows.
template <typename T>
consteval std::size_t least_bytes() {
    using Value = std::remove_cv_t<T>;
    constexpr Form form = form_of<Value>;
    if constexpr (form == Form::bytes || form == Form::handle) {
        return sizeof(Value);
    } else if constexpr (form == Form::array) {
        return []<typename E>(Types<E>) {
            return sizeof(Value) / sizeof(E) * least_bytes<E>();
        }(Inside<Value>{});
    } else if constexpr (form == Form::tuple || form == Form::fields) {
        return []<typename... Held>(Types<Held...>) {
            return (std::size_t{0} + ... + least_bytes<Held>());
        }(Inside<Value>{});
    } else {
        return form == Form::cereal || form == Form::nothing ? 0 : 1;
    }
}

/// The same of an element of a container, which takes one byte at least.
template <typename Container>
consteval std::size_t least_element_bytes() {
    const std::size_t least = []<typename... Held>(Types<Held...>) {
        return (std::size_t{0} + ... + least_bytes<Held>());
    }(Inside<Container>{});
    return least > 0 ? least : 1;
}

template <template <typename> typename Test, typename T>
consteval bool any_in_what_crosses() {
    if constexpr (Judge<T>::type::fault == CrossingFault::none) {
        return any_inside<Test, T>();
    } else {
        return false;
    }
}

template <typename T>
inline constexpr bool is_with_archives = any_in_what_crosses<IsForCereal, T>();
/// The sink for a T: what a class writes by itself wants an archive.
template <typename T, typename Sink>
using SinkFor = std::conditional_t<is_with_archives<T>, OutArchive<Sink>, Sink>;
template <typename T>
using SourceFor = std::conditional_t<is_with_archives<T>, InArchive, Source>;

// Counts how deep values lie inside of each other.
template <typename Place>
class Level {
  public:
    explicit Level(Place& place) : place_(place) { place.enter(); }
    ~Level() { place_.leave(); }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

  private:
    Place& place_;
};

}  // namespace pinfold::shm::detail
