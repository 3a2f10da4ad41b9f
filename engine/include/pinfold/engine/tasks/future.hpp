#pragma once

#include <chrono>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/tasks/continuation.hpp>
#include <pinfold/engine/detail/tasks/value_state.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <pinfold/engine/errors.hpp>
#include <type_traits>
#include <utility>

namespace pinfold {

namespace detail {

template <typename R>
using ConstReference =
    std::conditional_t<std::is_void_v<R>, void, std::add_lvalue_reference_t<const R>>;

}  // namespace detail

/// What a task will have returned: its value, or why there is none.
///
///     pinfold::Pool pool;
///     pinfold::Future<int> seven = pool.submit([](int a, int b) { return a + b; }, 3, 4);
///     pinfold::Future<double> half = seven.then([](int value) { return value / 2.0; });
///     assert(seven.get() == 7);
///     assert(std::move(half).get() == 3.5);
///
/// Move-only. A Future that is dropped neither waits for its task nor cancels it; the result is
/// freed when there is one. A Future may outlive its pool. One that was moved from, or made by
/// Future(), has no task: all members but valid() throw std::logic_error then.
///
/// What get(), get_for() and co_await throw, on each crew: TaskFailed, where the function threw,
/// its workers died, or its result cannot be read; Cancelled; PoolBroken. A value that then() or
/// on_error() made fails by what their function threw.
///
/// Thread-safety: const members, any number of threads at a time; the others, and those on an
/// rvalue, only one that has it alone. Inside a task, waiting for a task that the same task
/// submitted runs it here, or others that it submitted; no unrelated ones. Fork: the process that
/// made it; in a child that the user forks, waiting throws std::logic_error.
template <typename R>
class [[nodiscard]] Future {
  public:
    using Value = R;

    Future() noexcept = default;
    Future(Future&&) noexcept = default;
    Future& operator=(Future&& other) noexcept {
        Future before(std::move(*this));
        state_ = std::move(other.state_);
        return *this;
    }
    ~Future() {
        if (state_ != nullptr) {
            detail::AnyValueState::let_go(std::move(state_));
        }
    }

    /// Whether there is a task.
    [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

    /// Waits, and returns the value. It may be asked for again, and lives as long as this Future.
    detail::ConstReference<R> get() const& {
        wait();
        return state().get();
    }
    /// Waits, and moves the value out. The Future has no task then. Where then() or on_error() was
    /// called, the value is copied.
    R get() && {
        wait();
        return std::exchange(state_, nullptr)->take();
    }

    /// The same, but throws Timeout when that time is over. The task goes on, and so does the
    /// Future.
    template <typename Rep, typename Period>
    detail::ConstReference<R> get_for(std::chrono::duration<Rep, Period> time) const& {
        wait_or_throw(time);
        return state().get();
    }
    template <typename Rep, typename Period>
    R get_for(std::chrono::duration<Rep, Period> time) && {
        wait_or_throw(time);
        return std::exchange(state_, nullptr)->take();
    }

    /// Waits until the task is done, whatever its end. Throws nothing for a task that failed.
    void wait() const { static_cast<void>(state().wait_for(detail::for_ever)); }

    /// The same for some time; returns whether it is done. A time of 0 or less only looks.
    template <typename Rep, typename Period>
    bool wait_for(std::chrono::duration<Rep, Period> time) const {
        return state().wait_for(detail::waiting_time(time));
    }

    /// Whether there is a value, or a reason why there is none.
    [[nodiscard]] bool done() const { return state().is_done(); }
    /// Whether a worker runs it now.
    [[nodiscard]] bool running() const { return state().is_running(); }
    /// Whether it was cancelled, by cancel() or with its pool. Then it is also done.
    [[nodiscard]] bool cancelled() const { return state().was_cancelled(); }

    /// Returns true if the task will not have a value: it had not started, or its worker is killed
    /// (see TaskOptions::kill_on_cancel). Waiting then ends by Cancelled. False: it runs, or is
    /// done.
    bool cancel() { return state().cancel(); }

    /// A Future of what `f` returns for the value, const R&; of a task that returns nothing, f has
    /// no argument. A failure goes on to the new Future, and f is not called. Where f returns a
    /// Future, what it returns is the new Future's.
    ///
    /// f is called once, in the thread of the pool that calls all such functions, one after the
    /// other; f may submit, and should not wait for tasks. Functions of one Future are called in
    /// the order in which they were given. Where its pool is gone, f is called here.
    template <typename F>
    auto then(F f) const {
        if constexpr (detail::check_then<F, R>()) {
            using U = typename detail::Unwrapped<detail::ThenResult<F, R>>::Type;
            return Future<U>(detail::go_on(engine_state(), std::move(f)));
        } else {
            return detail::Refused{};
        }
    }

    /// A Future of this one's value, or else of what `f` returns for the std::exception_ptr that
    /// get() throws. f returns an R, or throws; where it returns nothing, the failure goes on. It
    /// is called like that of then(). The value is copied.
    template <typename F>
    Future on_error(F f) const {
        if constexpr (detail::check_on_error<F, R>()) {
            return Future(detail::go_on_after_failure(engine_state(), std::move(f)));
        } else {
            return Future();
        }
    }

    /// `co_await future` in a coroutine is future.get(), and `co_await std::move(future)` moves the
    /// value out. The coroutine goes on in the thread that calls the functions of then(); where the
    /// task is done already, it goes on at once.
    auto operator co_await() const& { return detail::Awaiter<R, false>(engine_state()); }
    auto operator co_await() && {
        static_cast<void>(state());
        return detail::Awaiter<R, true>(std::exchange(state_, nullptr));
    }

    /// Of the engine, which has the state.
    explicit Future(std::shared_ptr<detail::ValueState<R>> state) noexcept
        : state_(std::move(state)) {}
    [[nodiscard]] const std::shared_ptr<detail::ValueState<R>>& engine_state() const {
        static_cast<void>(state());
        return state_;
    }

  private:
    template <typename Rep, typename Period>
    void wait_or_throw(std::chrono::duration<Rep, Period> time) const {
        if (!wait_for(time)) {
            detail::throw_timeout(detail::waiting_time(time));
        }
    }
    [[nodiscard]] detail::ValueState<R>& state() const {
        if (state_ == nullptr) {
            detail::refuse_empty_future();
        }
        return *state_;
    }

    std::shared_ptr<detail::ValueState<R>> state_;
};

}  // namespace pinfold
