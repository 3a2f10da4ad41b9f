#pragma once

// What may cross to a worker, by its bytes or as a message, told at compile time. Each fault has a
// message that names the fix. Not for users.

#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/trust.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <type_traits>

namespace pinfold {

template <typename R>
struct JobOptions;

namespace detail {

template <typename T>
inline constexpr bool is_std_function = false;
template <typename Signature>
inline constexpr bool is_std_function<std::function<Signature>> = true;

enum class Fault {
    none,
    is_std_function,
    moves_only,
    owns_memory,  // its copy may throw: a string, a vector
    has_reference,
    is_tuple,   // members in several classes, which a reference may hide among
    is_either,  // of these two
};

/// Whether <pinfold/shm/crossing.hpp> is there and sees a smart pointer in a T. It sees none in
/// what a lambda captures: that shows when the call runs.
template <typename T>
constexpr bool holds_smart_pointer() noexcept {
    if constexpr (std::is_trivially_copyable_v<T>) {
        return false;
    } else {
        return shm::CrossingOf<T>::fault == shm::CrossingFault::smart_pointer;
    }
}

/// What speaks against a copy of T's bytes in another process. A reference shows in the layout: it
/// is standard for no class that holds one. An owner shows in its copying, which may throw, or in
/// its members. An Array's copying does not throw.
template <typename T>
constexpr Fault fault_of() noexcept {
    using Value = Meant<T>;
    constexpr bool is_trivial = std::is_trivially_copyable_v<Value>;
    if constexpr (is_std_function<Value>) {
        return Fault::is_std_function;
    } else if constexpr (!is_trivial && !std::is_copy_constructible_v<Value>) {
        return Fault::moves_only;
    } else if constexpr (!is_trivial && !std::is_nothrow_copy_constructible_v<Value>) {
        return Fault::owns_memory;
    } else if constexpr (!TrustOf<T>::is_given && holds_smart_pointer<Value>()) {
        return Fault::owns_memory;
    } else if constexpr (TrustOf<T>::is_given || std::is_standard_layout_v<Value>) {
        return Fault::none;
    } else if constexpr (!std::is_trivially_destructible_v<Value>) {
        return Fault::is_either;  // an Array stands beside it
    } else if constexpr (!is_trivial) {
        return Fault::is_tuple;
    } else if constexpr (shm::HoldsNoAddress<Value>) {
        return Fault::none;
    } else {
        return Fault::has_reference;
    }
}

/// Whether a T goes to the workers as a message, of which each makes a value of its own: it would
/// not cross by its bytes, and <pinfold/shm/crossing.hpp> knows how it does.
template <typename T>
constexpr bool goes_as_message() noexcept {
    if constexpr (fault_of<T>() == Fault::none || TrustOf<T>::is_given) {
        return false;
    } else {
        return shm::CrossingOf<T>::is_there;
    }
}

/// What speaks against a T as a message, if it does not cross by its bytes.
template <typename T>
constexpr shm::CrossingFault message_fault() noexcept {
    if constexpr (fault_of<T>() == Fault::none || TrustOf<T>::is_given) {
        return shm::CrossingFault::none;
    } else {
        return shm::CrossingOf<T>::fault;
    }
}

template <typename T>
inline constexpr bool is_options = false;
template <typename R>
inline constexpr bool is_options<JobOptions<R>> = true;

/// Refuses a map or another function that cannot cross. A lambda shows nothing of what it
/// captures, so one that captures an owner of memory goes neither by its bytes nor as a message.
template <typename F, bool may_be_message = true>
consteval bool check_function() {
    constexpr bool is_message = may_be_message && !is_options<F> && goes_as_message<F>();
    constexpr Fault fault = is_options<F> || is_message ? Fault::none : fault_of<F>();
    static_assert(!is_options<F>, "pinfold: options come last, behind the fold");
    static_assert(fault != Fault::is_std_function,
                  "pinfold: a std::function cannot cross to a worker: pass the lambda itself");
    static_assert(fault != Fault::has_reference,
                  "pinfold: this function captures by reference ([&] or a reference member), and a "
                  "worker is another process: capture by value, [=] or [x]; map_reduce_forked "
                  "takes [&]; trust(f) passes it as it is");
    static_assert(fault != Fault::is_either,
                  "pinfold: this function captures by reference ([&x]), or holds a std::tuple, and "
                  "a worker is another process: capture by value, [x], and a tuple's members one "
                  "by one; map_reduce_forked takes [&]; trust(f) passes it as it is");
    static_assert(fault != Fault::is_tuple,
                  "pinfold: this function holds a std::tuple or a class whose members stand in "
                  "several classes: capture its members one by one, or put them in a struct");
    static_assert(fault != Fault::owns_memory,
                  "pinfold: this function captures a std::string, a std::vector or another owner "
                  "of memory, which a worker process does not see: put it into the job, or write "
                  "the function as a struct with these members and an operator() const, and "
                  "#include <pinfold/shm/crossing.hpp>; or capture a copy by pool.array(x); "
                  "map_reduce_forked takes any capture");
    static_assert(fault != Fault::moves_only,
                  "pinfold: this function captures what can only be moved, such as a "
                  "std::unique_ptr: copy what it owns by pool.array(x) and capture that array; "
                  "map_reduce_forked takes any capture");
    return fault == Fault::none && !is_options<F>;
}

/// The same for a job.
template <typename Job>
consteval bool check_job_type() {
    constexpr bool is_message = !is_options<Job> && goes_as_message<Job>();
    constexpr Fault fault = is_options<Job> || is_message ? Fault::none : fault_of<Job>();
    constexpr bool owns = fault == Fault::is_std_function || fault == Fault::owns_memory ||
                          fault == Fault::moves_only;
    constexpr bool lacks_header = message_fault<Job>() == shm::CrossingFault::header_missing;
    static_assert(!is_options<Job>, "pinfold: options come last, behind the fold");
    static_assert(fault != Fault::has_reference,
                  "pinfold: this job has a reference in it, and a worker is another process: give "
                  "it the value, or trust(job)");
    static_assert(
        fault != Fault::is_either,
        "pinfold: this job has a reference or a std::tuple in it, and a worker is another "
        "process: give it values, in a struct, or trust(job)");
    static_assert(fault != Fault::is_tuple,
                  "pinfold: this job is a std::tuple or a class whose members stand in several "
                  "classes: put them in a struct, or #include <pinfold/shm/crossing.hpp>");
    static_assert(!owns || !lacks_header,
                  "pinfold: this job owns memory (a std::string, a std::vector), which a worker "
                  "process does not see: #include <pinfold/shm/crossing.hpp>, and each worker gets "
                  "a copy; or share one by pool.array(x), and let the job hold its span()");
    static_assert(!owns || lacks_header,
                  "pinfold: this job has something in it that no worker can get: a pointer or a "
                  "smart pointer (hold the value), a std::function (pass a struct with an "
                  "operator()), a view (hold a std::string), what cannot be copied, or private "
                  "members without a serialize(); docs/what_crosses.md lists what crosses");
    return fault == Fault::none;
}

}  // namespace detail
}  // namespace pinfold
