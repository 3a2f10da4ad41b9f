#pragma once

// What goes on when a task is done: functions of then() and on_error(), and coroutines. Not for
// users.

#include <pinfold/api.hpp>  // first: of an older standard it says more than <coroutine>

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <pinfold/engine/detail/tasks/call_of.hpp>
#include <pinfold/engine/detail/tasks/task_checks.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

template <typename R>
class ValueState;

/// Why a task that is done has no value, or nullptr.
[[nodiscard]] PINFOLD_API std::exception_ptr failure_of(const FutureState& state) noexcept;

template <typename R>
using StateOf = std::shared_ptr<ValueState<R>>;

template <typename F, typename R>
struct ThenCall {
    static constexpr bool is_possible = std::is_invocable_v<F, const R&>;
    static decltype(auto) call(F& f, ValueState<R>& state) { return std::invoke(f, state.get()); }
};
template <typename F>
struct ThenCall<F, void> {
    static constexpr bool is_possible = std::is_invocable_v<F>;
    template <typename State>  // ValueState<void>, which may be unknown here
    static decltype(auto) call(F& f, State& state) {
        state.get();
        return std::invoke(f);
    }
};

template <typename F, typename R>
using ThenResult = std::decay_t<decltype(ThenCall<F, R>::call(std::declval<F&>(),
                                                              std::declval<ValueState<R>&>()))>;

/// What a Future holds that is made of a function's result: a Future's own value.
template <typename U>
struct Unwrapped {
    using Type = U;
};
template <typename U>
struct Unwrapped<Future<U>> {
    using Type = U;
};

/// Whether then() takes a function; if not, the compiler says why.
template <typename F, typename R>
consteval bool check_then() {
    constexpr bool is_possible = ThenCall<F, R>::is_possible;
    static_assert(
        is_possible,
        "pinfold: then(f) calls f(value) with what get() returns, which f takes as const& "
        "or by value; of a task that returns nothing it calls f()");
    return is_possible;
}

template <typename F, typename R>
consteval bool check_on_error() {
    constexpr bool is_possible = std::is_invocable_v<F&, std::exception_ptr>;
    static_assert(is_possible,
                  "pinfold: on_error(f) calls f(std::exception_ptr), and f returns what get() "
                  "would have returned, or nothing");
    if constexpr (is_possible) {
        using Result = std::invoke_result_t<F&, std::exception_ptr>;
        constexpr bool fits = std::is_void_v<Result> || std::is_convertible_v<Result, R>;
        static_assert(fits,
                      "pinfold: the function of on_error() returns another type than get(): let "
                      "it return that, or nothing; then the failure goes on");
        static_assert(std::is_void_v<R> || std::is_copy_constructible_v<R>,
                      "pinfold: on_error() copies the value, which can only be moved: catch what "
                      "get() throws");
        return fits;
    }
    return false;
}

/// Sets and fulfils `to` with the value of `from`, which is done.
template <typename R>
void pass_on(ValueState<R>& from, ValueState<R>& to) {
    make_or_fail(to, [&] {
        if constexpr (std::is_void_v<R>) {
            from.get();
        } else if constexpr (std::is_copy_constructible_v<R>) {
            to.set(from.get());
        } else {
            to.set(from.take());
        }
        to.fulfil();
    });
}

/// Sets and fulfils `to` with what `make` returns; a Future's value when that is done.
template <typename U, typename Make>
void make_value(const StateOf<typename Unwrapped<U>::Type>& to, const Make& make) {
    make_or_fail(*to, [&] {
        if constexpr (is_future<U>) {
            U inner = make();
            const auto& from = inner.engine_state();
            from->on_done([from, to] { pass_on(*from, *to); });
        } else if constexpr (std::is_void_v<U>) {
            make();
            to->fulfil();
        } else {
            to->set(make());
            to->fulfil();
        }
    });
}

template <typename R, typename F>
auto go_on(const StateOf<R>& from, F&& f) {
    using Function = std::decay_t<F>;
    using U = ThenResult<Function, R>;
    auto to = std::make_shared<ValueState<typename Unwrapped<U>::Type>>();
    to->adopt_like(*from);
    from->share();
    // A std::function copies what it holds, and f may be one that cannot be copied.
    const auto function = std::make_shared<Function>(static_cast<F&&>(f));
    from->on_done([from, to, function] {
        if (to->begin()) {
            make_value<U>(to, [&]() -> decltype(auto) {
                return ThenCall<Function, R>::call(*function, *from);
            });
        }
    });
    return to;
}

/// The value of on_error(): what `f` makes of a failure.
template <typename R, typename F>
void make_of_failure(ValueState<R>& to, F& f, const std::exception_ptr& why) {
    make_or_fail(to, [&] {
        if constexpr (std::is_void_v<std::invoke_result_t<F&, std::exception_ptr>>) {
            std::invoke(f, why);
            to.fail(why);
        } else {
            to.set(std::invoke(f, why));
            to.fulfil();
        }
    });
}

template <typename R, typename F>
StateOf<R> go_on_after_failure(const StateOf<R>& from, F&& f) {
    using Function = std::decay_t<F>;
    auto to = std::make_shared<ValueState<R>>();
    to->adopt_like(*from);
    from->share();
    const auto function = std::make_shared<Function>(static_cast<F&&>(f));
    from->on_done([from, to, function] {
        if (!to->begin()) {
            return;
        }
        if (const std::exception_ptr why = failure_of(*from); why != nullptr) {
            make_of_failure(*to, *function, why);
        } else {
            pass_on(*from, *to);
        }
    });
    return to;
}

/// What co_await does with a Future. `Get` is what it gives.
template <typename R, bool moves>
class Awaiter {
  public:
    explicit Awaiter(StateOf<R> state) noexcept : state_(std::move(state)) {}

    [[nodiscard]] bool await_ready() const { return state_->is_done(); }
    void await_suspend(std::coroutine_handle<> waiting) const {
        const StateOf<R> own = state_;  // the coroutine may end, and with it this object
        own->on_done([waiting] { waiting.resume(); });
    }
    decltype(auto) await_resume() const {
        if constexpr (moves) {
            return state_->take();
        } else {
            return state_->get();
        }
    }

  private:
    StateOf<R> state_;
};

}  // namespace pinfold::detail
