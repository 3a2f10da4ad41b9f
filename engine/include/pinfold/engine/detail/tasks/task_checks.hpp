#pragma once

// What may be submitted, told at compile time. Each fault has a message that names the fix. Not for
// users.

#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/tasks/options.hpp>
#include <pinfold/engine/trust.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <string>
#include <string_view>
#include <type_traits>

namespace pinfold {

template <typename R>
class Future;

namespace detail {

template <typename T>
inline constexpr bool is_future = false;
template <typename R>
inline constexpr bool is_future<Future<R>> = true;

template <typename T>
inline constexpr bool is_reference_wrapper = false;
template <typename T>
inline constexpr bool is_reference_wrapper<std::reference_wrapper<T>> = true;

/// A text that lies somewhere else. An argument of this type goes as a std::string.
template <typename T>
concept TextElsewhere = std::is_same_v < std::decay_t<T>,
const char* > || std::is_same_v<std::decay_t<T>, char*> ||
    std::is_same_v<std::decay_t<T>, std::string_view>;

template <typename T, typename String = std::string>
struct DecayOf {
    // What is there is asked where a call is: the header may come after this one.
    static constexpr bool is_copied = TextElsewhere<T> && shm::CrossingOf<String>::is_there;
    using Type = std::conditional_t<is_copied, String, std::decay_t<T>>;
};

/// What an argument or a function is as a copy of its own.
template <typename T>
using TaskValue = typename DecayOf<T>::Type;

/// The value itself, or what is made of an array of characters and a function.
template <typename T>
[[nodiscard]] decltype(auto) task_value(const T& given) {
    if constexpr (std::is_same_v<TaskValue<const T&>, T>) {
        return (given);
    } else {
        return TaskValue<const T&>(given);
    }
}

template <typename F>
consteval bool check_task_function() {
    constexpr bool is_message = goes_as_message<F>();
    constexpr Fault fault = is_message ? Fault::none : fault_of<F>();
    constexpr bool lacks_header = message_fault<F>() == shm::CrossingFault::header_missing;
    constexpr bool owns = fault == Fault::owns_memory;
    static_assert(fault != Fault::is_std_function,
                  "pinfold: a std::function cannot cross to a worker: submit the lambda itself");
    static_assert(fault != Fault::has_reference && fault != Fault::is_either,
                  "pinfold: this function captures by reference ([&] or a reference member), or "
                  "holds a std::tuple, and a worker is another process: capture by value, [=] or "
                  "[x], or pass x as an argument, submit(f, x); trust(f) passes it as it is");
    static_assert(fault != Fault::is_tuple,
                  "pinfold: this function holds a std::tuple or a class whose members stand in "
                  "several classes: capture its members one by one, or pass them as arguments, "
                  "submit(f, x)");
    static_assert(!owns || !lacks_header,
                  "pinfold: this function captures a std::string, a std::vector or another owner "
                  "of memory, which a worker process does not see: pass it as an argument, "
                  "submit(f, x), and #include <pinfold/shm/crossing.hpp>");
    static_assert(!owns || lacks_header,
                  "pinfold: this function captures a std::string, a std::vector or another owner "
                  "of memory, and nobody sees the captures of a lambda: pass it as an argument, "
                  "submit(f, x), or write the function as a struct with these members and an "
                  "operator()");
    static_assert(fault != Fault::moves_only,
                  "pinfold: this function captures what can only be moved, such as a "
                  "std::unique_ptr: pass the value that it owns as an argument, submit(f, x)");
    return fault == Fault::none;
}

template <typename T>
consteval bool check_argument_crosses() {
    constexpr bool is_message = goes_as_message<T>();
    constexpr Fault fault = is_message ? Fault::none : fault_of<T>();
    constexpr bool lacks_header = message_fault<T>() == shm::CrossingFault::header_missing;
    constexpr bool is_reference_member = fault == Fault::has_reference;
    constexpr bool is_copied = is_message || std::is_copy_constructible_v<Meant<T>>;
    static_assert(!is_reference_member,
                  "pinfold: this argument has a reference or a view in it, or captures by "
                  "reference, and a worker is another process: hold the value, or trust(x)");
    static_assert(is_copied || fault == Fault::none,
                  "pinfold: this argument cannot be copied, as a std::unique_ptr and a std::mutex "
                  "cannot, and a worker gets a copy: hold the value, and pass that");
    static_assert(fault == Fault::none || is_reference_member || !lacks_header || !is_copied,
                  "pinfold: this argument is more than its bytes, as a std::string, a "
                  "std::vector or a std::tuple is: #include <pinfold/shm/crossing.hpp>, and "
                  "the worker gets a copy");
    static_assert(fault == Fault::none || is_reference_member || lacks_header || !is_copied,
                  "pinfold: this argument has something in it that no worker can get: a "
                  "pointer or a smart pointer (hold the value), a std::function (pass a "
                  "struct with an operator()), a view (hold a std::string), what cannot be "
                  "copied, or private members without a serialize(); docs/what_crosses.md "
                  "lists what crosses");
    return fault == Fault::none;
}

/// `Given` is how the caller has it, T as what it goes.
template <typename T, typename Given>
consteval bool check_task_argument() {
    using Value = Meant<T>;
    constexpr bool is_array =
        std::is_array_v<std::remove_reference_t<Given>> && !TextElsewhere<Given>;
    constexpr bool is_trusted = TrustOf<T>::is_given;
    constexpr bool is_text = TextElsewhere<T> && !is_trusted;
    constexpr bool is_reference = is_reference_wrapper<Value> && !is_trusted;
    constexpr bool is_options = std::is_same_v<Value, TaskOptions>;
    constexpr bool is_special =
        is_text || is_reference || is_options || is_array || is_future<Value>;
    static_assert(!is_array,
                  "pinfold: a C array as an argument is a pointer to it, which means nothing in "
                  "another process: pass a std::array, or a std::vector and #include "
                  "<pinfold/shm/crossing.hpp>");
    static_assert(!is_text,
                  "pinfold: a text is copied to the worker as a std::string: #include "
                  "<pinfold/shm/crossing.hpp>");
    static_assert(!is_reference,
                  "pinfold: std::ref(x) means nothing in another process: pass x, of which the "
                  "worker gets a copy, and return what changed; trust(std::ref(x)) passes it");
    static_assert(!is_options, "pinfold: options come first: submit({.name = \"x\"}, f, args...)");
    static_assert(!is_future<Value>,
                  "pinfold: a Future cannot cross to a worker: pass its value, submit(f, "
                  "future.get()), or go on by future.then(f)");
    if constexpr (!is_special) {
        return check_argument_crosses<T>();
    } else {
        return false;
    }
}

/// `As` are the arguments as the caller has them; a worker has moved copies of TaskValue<As>.
template <typename F, typename... As>
consteval bool check_task_call() {
    using Function = Meant<F>;
    constexpr bool is_possible = std::is_invocable_v<Function, Meant<TaskValue<As>>...>;
    constexpr bool changes =
        !is_possible && std::is_invocable_v<Function, Meant<TaskValue<As>>&...>;
    constexpr bool wants_text =
        !is_possible && !changes && std::is_invocable_v<Function, Meant<std::decay_t<As>>...>;
    static_assert(!changes,
                  "pinfold: this function takes an argument by reference, to change it, and a "
                  "worker has a copy: take it by value or as const&, and return the result");
    static_assert(!wants_text,
                  "pinfold: this function takes a const char*, and a text crosses as a "
                  "std::string: let it take a std::string_view or a const std::string&");
    static_assert(is_possible || changes || wants_text,
                  "pinfold: this function cannot be called with these arguments: submit(f, "
                  "args...) calls f(args...) with a copy of each; options stand before f");
    return is_possible;
}

template <typename R>
constexpr bool result_crosses() noexcept {
    if constexpr (std::is_void_v<R> || shm::Shareable<R>) {
        return true;
    } else {
        return shm::CrossingOf<R>::is_there;
    }
}

template <typename R>
consteval bool check_task_result() {
    using enum shm::CrossingFault;
    constexpr bool is_text = TextElsewhere<R>;
    constexpr bool is_wrapper = is_reference_wrapper<R>;
    constexpr bool crosses = result_crosses<R>();
    static_assert(!is_text,
                  "pinfold: this task returns a std::string_view or a const char*, whose "
                  "characters are gone with the worker's memory: return a std::string");
    static_assert(!is_wrapper,
                  "pinfold: this task returns a std::reference_wrapper, which means nothing in "
                  "another process: return the value");
    static_assert(!is_future<R>,
                  "pinfold: this task returns a Future, which cannot cross: return its value, "
                  "future.get()");
    if constexpr (!crosses && !is_text && !is_future<R>) {
        constexpr shm::CrossingFault fault = shm::crossing_fault<R>();
        constexpr bool is_pointer = fault == raw_pointer || fault == smart_pointer;
        static_assert(fault != header_missing,
                      "pinfold: this task's result is more than its bytes, as a std::string, a "
                      "std::vector, a std::pair or a std::tuple is: #include "
                      "<pinfold/shm/crossing.hpp>");
        static_assert(fault != view,
                      "pinfold: this task's result has a std::string_view in it, whose characters "
                      "are gone with the worker's memory: hold a std::string");
        static_assert(!is_pointer,
                      "pinfold: this task's result has a pointer or a smart pointer in it, which "
                      "means nothing in another process: return the value");
        if constexpr (fault != header_missing && fault != view && !is_pointer) {
            shm::check_crossing<R>();
        }
    }
    return crosses && !is_text && !is_wrapper && !is_future<R>;
}

}  // namespace detail
}  // namespace pinfold
