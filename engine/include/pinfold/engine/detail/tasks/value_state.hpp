#pragma once

// The value of a Future: what its task's result is read to, once, or what the host made. Not for
// users.

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/tasks/call_of.hpp>
#include <pinfold/engine/detail/tasks/future_state.hpp>
#include <pinfold/engine/detail/tasks/task_result.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// Calls `read`, which reads the result of `state`. What it throws becomes TaskFailed.
PINFOLD_API void read_or_fail(const FutureState& state, CallOf read);

/// The state of a task, whatever it returns.
class PINFOLD_API AnyValueState : public FutureState {
  public:
    /// The Future of `state` is gone. What the state keeps lives on until its task has ended.
    static void let_go(std::shared_ptr<AnyValueState> state) noexcept;

    /// Others than the Future look at the value.
    void share() noexcept { is_shared_.store(true, std::memory_order_relaxed); }

  protected:
    [[nodiscard]] bool is_shared() const noexcept {
        return is_shared_.load(std::memory_order_relaxed);  // who takes has the Future alone
    }

    bool keeps_ = false;

  private:
    std::atomic<bool> is_shared_ = false;
};

/// The state of a task that returns an R. Its result is read when somebody first asks for it.
///
/// Thread-safety: all members, but for take() and what it returns: nobody else may use the value
/// that it moves from. Fork: the process that made it.
template <typename R>
class ValueState : public AnyValueState {
  public:
    /// The value of a task that is done. Throws what ended it without one, and TaskFailed for a
    /// result that cannot be read.
    [[nodiscard]] const R& get() {
        check();
        if (!is_there_.load(std::memory_order_acquire)) {  // pairs with the release below
            const std::lock_guard lock(mutex_);
            if (!is_there_.load(std::memory_order_relaxed)) {
                read();
            }
        }
        return *value_;
    }
    /// The value, moved out; copied, where share() was called.
    [[nodiscard]] R take() {
        if (is_shared()) {
            [[maybe_unused]] const R& value = get();
            if constexpr (std::is_copy_constructible_v<R>) {
                return value;
            }
        }
        check();
        if (!is_there_.load(std::memory_order_acquire)) {
            read();  // nobody else may, so it needs no lock
        }
        return std::move(*value_);
    }

    /// Before fulfil(): the host made the value.
    template <typename... Arguments>
    void set(Arguments&&... arguments) {
        value_.emplace(static_cast<Arguments&&>(arguments)...);
        is_there_.store(true, std::memory_order_release);
    }

  private:
    void read() {
        if constexpr (std::is_trivially_copyable_v<R> || IsMessage<R>) {  // else the host made it
            const auto emplace = [this] { value_.emplace(read_task_result<R>(result())); };
            read_or_fail(*this, emplace);
            release_result();
            is_there_.store(true, std::memory_order_release);
        }
    }

    std::mutex mutex_;
    std::atomic<bool> is_there_ = false;
    std::optional<R> value_;
};

/// Of a task that returns nothing.
template <>
class ValueState<void> : public AnyValueState {
  public:
    void get() const { check(); }
    void take() const { check(); }
    void set() noexcept {}
};

/// The same with what a task's message only names, such as the elements of an array: they live as
/// long as the state.
template <typename R, typename Kept>
class KeepingState final : public ValueState<R> {
  public:
    explicit KeepingState(const Kept& kept) : kept_(kept) { this->keeps_ = true; }

  private:
    Kept kept_;
};

}  // namespace pinfold::detail
