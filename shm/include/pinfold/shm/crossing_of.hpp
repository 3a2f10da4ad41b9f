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
    function,                ///< std::function and the like: code behind a pointer
    polymorphic,             ///< has virtual functions
    view,                    ///< std::string_view: its characters lie elsewhere
    reference_or_const,      ///< is a reference, or an aggregate with one or with a const member
    not_copyable,            ///< a mutex, an atomic, a thread
    has_base,                ///< an aggregate with a base class, without `serialize`
    stateful_order,          ///< a map or set whose comparison or hash has members
    half_serialized,         ///< writes itself, but does not read itself, or the other way round
    no_default_constructor,  ///< `serialize` fills a value that nobody can make
    hidden_members,          ///< a class with private members and no `serialize`, a lambda, a union
};

/// How values of T go from one process to another. This is what it is for types whose bytes say it
/// all (see Shareable), which need no encoding, and while the header that knows more is not
/// included.
template <typename T>
struct CrossingOf {
    static constexpr bool is_there = false;
    static constexpr CrossingFault fault = CrossingFault::header_missing;
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

}  // namespace pinfold::shm
