#pragma once

// Whether and how a type crosses between processes that is more than its bytes. The answer comes
// with <pinfold/shm/crossing.hpp>; this header only has the question, so that calls may ask it
// without cereal and Boost.PFR.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::shm {

/// Why a type does not cross by an encoding. It is that of the innermost type that is wrong: a
/// struct with a vector of unique_ptr has `smart_pointer`.
enum class CrossingFault : std::uint8_t {
    none,
    header_missing,  ///< nobody included <pinfold/shm/crossing.hpp>
    raw_pointer,
    smart_pointer,
    function,                ///< a std::function: code behind a pointer
    polymorphic,             ///< has virtual functions
    view,                    ///< std::string_view: its characters lie elsewhere
    reference_or_const,      ///< is a reference, or an aggregate with one or with a const member
    not_copyable,            ///< can be neither copied nor moved: a mutex, an atomic
    has_base,                ///< an aggregate with a base class, without `serialize`
    inherited_serialize,     ///< would be written by its base class, without its own members
    half_serialized,         ///< writes itself but does not read itself, or the other way round
    serialized_twice,        ///< has serialize() and save(), perhaps one from its base class
    no_default_constructor,  ///< `serialize` fills a value that nobody can make
    stateful_order,          ///< a map or set whose comparison or hash has members
    hidden_members,          ///< private members and no `serialize`; a lambda; a union
};

/// How values of T go from one process to another. This is what it is for types whose bytes say it
/// all (see Shareable), which need no encoding, and for all while the header that knows more is not
/// included.
template <typename T>
struct CrossingOf {
    static constexpr CrossingFault fault = CrossingFault::header_missing;
    using Culprit = T;
    static constexpr bool is_there = false;
};

/// Why a T that is not Shareable does not cross.
template <typename T>
consteval CrossingFault crossing_fault() noexcept {
    return CrossingOf<T>::fault;
}

/// A handle of shared memory, as Array is: its bytes mean the same in every process, a copy that
/// is made in the process of its maker counts as an owner, and one in another process is a view.
template <typename T>
inline constexpr bool is_shared_handle = false;

namespace detail {

// The compiler shows Culprit beside the text: the type that is wrong, in T.
template <typename T, typename Culprit, CrossingFault fault>
consteval void check_what_it_points_to() {
    static_assert(
        fault != CrossingFault::header_missing,
        "pinfold: this value is more than its bytes: #include <pinfold/shm/crossing.hpp>, "
        "with which strings, containers and structs of them cross");
    static_assert(fault != CrossingFault::raw_pointer,
                  "pinfold: this value holds a raw pointer, and what it points to does not cross: "
                  "hold the value itself, a std::optional or a std::vector of it, or a shm::Array");
    static_assert(fault != CrossingFault::smart_pointer,
                  "pinfold: this value holds a smart pointer (std::unique_ptr, std::shared_ptr), "
                  "which does not cross: hold the value itself, a std::optional of it or a "
                  "std::vector of it");
    static_assert(fault != CrossingFault::function,
                  "pinfold: this value holds a std::function, which does not cross: hold a pointer "
                  "to a function, or say by a std::variant or a number what is to be done");
    static_assert(fault != CrossingFault::polymorphic,
                  "pinfold: this value holds a class with virtual functions, which does not cross: "
                  "hold a std::variant of the classes that it may be");
    static_assert(fault != CrossingFault::view,
                  "pinfold: this value holds a std::string_view, whose characters do not cross: "
                  "hold a std::string");
    static_assert(fault != CrossingFault::reference_or_const,
                  "pinfold: this value is or has a reference, or has a const member, and cannot be "
                  "made from a message: hold values that are not const");
}

template <typename T, typename Culprit, CrossingFault fault>
consteval void check_class() {
    static_assert(fault != CrossingFault::not_copyable,
                  "pinfold: this value holds what can be neither copied nor moved (a mutex, an "
                  "atomic), which does not cross: leave it out");
    static_assert(fault != CrossingFault::has_base,
                  "pinfold: this value holds a struct with a base class: make the base a member, "
                  "or give the struct template <class A> void serialize(A& a) { a(members...); }");
    static_assert(fault != CrossingFault::inherited_serialize,
                  "pinfold: this value holds a class that has members, and only its base class has "
                  "a serialize(): give it one of its own, which begins with "
                  "a(cereal::base_class<Base>(this))");
    static_assert(fault != CrossingFault::half_serialized,
                  "pinfold: this value holds a class that writes itself but does not read itself, "
                  "or the other way round: give it save() and load(), or serialize()");
    static_assert(fault != CrossingFault::serialized_twice,
                  "pinfold: this value holds a class with both serialize() and save(), perhaps one "
                  "of them from its base class: choose one by CEREAL_SPECIALIZE_FOR_ALL_ARCHIVES");
    static_assert(fault != CrossingFault::no_default_constructor,
                  "pinfold: this value holds a class with serialize() and without a default "
                  "constructor, which a message is read into: give it one");
    static_assert(fault != CrossingFault::stateful_order,
                  "pinfold: this value holds a map or a set whose comparison or hash has members "
                  "or is a pointer: make it a class without members");
    static_assert(fault != CrossingFault::hidden_members,
                  "pinfold: this value holds a class whose members nobody sees (private ones, a "
                  "constructor, a lambda, a union): make it a plain struct, or give it "
                  "template <class A> void serialize(A& a) { a(members...); }");
}

}  // namespace detail

/// Refuses a T that is not Shareable and does not cross, at compile time, by a text that says what
/// to do. Returns whether it crosses.
template <typename T>
consteval bool check_crossing() {
    using Culprit = typename CrossingOf<T>::Culprit;
    detail::check_what_it_points_to<T, Culprit, CrossingOf<T>::fault>();
    detail::check_class<T, Culprit, CrossingOf<T>::fault>();
    return CrossingOf<T>::is_there;
}

}  // namespace pinfold::shm
