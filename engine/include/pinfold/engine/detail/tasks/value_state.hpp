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
#include <pinfold/engine/detail/tasks/future_state.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// A result as a worker wrote it, by its bytes or as a message; see write_task_result().
template <typename R>
[[nodiscard]] R read_task_result(const ResultSlot& slot) {
    if constexpr (std::is_trivially_copyable_v<R>) {
        struct Bytes {
            alignas(R) std::byte bytes[sizeof(R)];
        };
        Bytes copy;
        std::memcpy(copy.bytes, slot.content().data(), sizeof(R));
        return __builtin_bit_cast(R, copy);
    } else {
        return read_result<R>(slot);
    }
}

/// Writes a result into its slot, or into one exact block.
template <typename R>
void write_task_result(ResultSlot& slot, const R& value, ResultBlocks& blocks) {
    if constexpr (std::is_trivially_copyable_v<R>) {
        std::byte* to = slot.here;
        if constexpr (sizeof(R) > ResultSlot::room) {
            slot.block = blocks.take(sizeof(R));
            to = slot.block;
        }
        std::memcpy(to, std::addressof(value), sizeof(R));
        slot.bytes = sizeof(R);
    } else {
        write_result(slot, value, blocks);
    }
}

/// A call of a function object that outlives it. Catching is compiled code's: a user's source may
/// be built without exceptions.
class CallOf {
  public:
    template <typename F>
    requires(!std::is_same_v<F, CallOf>) CallOf(const F& function)
    noexcept
        : call_([](const void* f) { (*static_cast<const F*>(f))(); }),
          function_(std::addressof(function)) {}
    void operator()() const { call_(function_); }

  private:
    void (*call_)(const void*);
    const void* function_;
};

/// Calls `read`, which reads the result of `state`. What it throws becomes TaskFailed.
PINFOLD_API void read_or_fail(const FutureState& state, CallOf read);

/// Calls `make`, which sets the value of `state` and fulfils it. What it throws is what `state`
/// fails with.
PINFOLD_API void make_or_fail(FutureState& state, CallOf make) noexcept;

/// The state of a task that returns an R. Its result is read when somebody first asks for it.
///
/// Thread-safety: all members, but for take() and what it returns: nobody else may use the value
/// that it moves from. Fork: the process that made it.
template <typename R>
class ValueState : public FutureState {
  public:
    ValueState() = default;

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
    [[nodiscard]] R take() {
        static_cast<void>(get());
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
        const auto emplace = [this] { value_.emplace(read_task_result<R>(result())); };
        read_or_fail(*this, emplace);
        release_result();
        is_there_.store(true, std::memory_order_release);
    }

    std::mutex mutex_;
    std::atomic<bool> is_there_ = false;
    std::optional<R> value_;
};

/// Of a task that returns nothing.
template <>
class ValueState<void> : public FutureState {
  public:
    ValueState() = default;

    void get() const { check(); }
    void take() const { check(); }
    void set() noexcept {}
};

/// The same with what a task's message only names, such as the elements of an array: they live as
/// long as the state.
template <typename R, typename Kept>
class KeepingState final : public ValueState<R> {
  public:
    explicit KeepingState(const Kept& kept) : kept_(kept) {}

  private:
    Kept kept_;
};

}  // namespace pinfold::detail
