#pragma once

// Where futures live.
//
//     pending ──begin()──► begun ──► done        what the host makes
//        └──────────────────────────► done        a task, or what was cancelled
//
// All of a state but the look whether it is done happens under the home's mutex. Hooks of a state
// that ends go into a queue, in order; the callback thread calls them without the mutex. It is
// started with the first hook, and ends with the pool, when the queue is empty.
//
// A child that the user forks has the mutex as it was, and no callback thread. So each way in looks
// first whether this is the process that made the home.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/engine/detail/process_mark.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <span>
#include <thread>
#include <vector>

#include "process/host_only.hpp"

namespace pinfold::detail {

class Ends;

/// How often one who waits for futures of several pools looks at them.
inline constexpr std::chrono::milliseconds look_at_others{1};

/// While one lives, the calling thread runs a task or a map of this client's pool, which submit(f)
/// without a pool then means. They may lie in each other; they take no turns.
class RunsHere {
  public:
    explicit RunsHere(TaskClient& client) noexcept;
    ~RunsHere();
    RunsHere(const RunsHere&) = delete;
    RunsHere& operator=(const RunsHere&) = delete;

  private:
    TaskClient* const outer_;
};

/// Where futures live: what waits for them, ends them and calls their hooks. Each pool has one, and
/// each worker that submits. States share it, so it outlives its pool.
///
/// Thread-safety: all members. The virtual functions let a future be used by another copy of the
/// engine than the one whose pool it is of.
class FutureHome : public TaskClient, public std::enable_shared_from_this<FutureHome> {
  public:
    ~FutureHome() override;

    /// The home of states that the host made and gave to no client.
    [[nodiscard]] static FutureHome& of_no_pool();

    /// Whose task or map the calling thread runs because it asked for it, or waited for it; or
    /// nullptr.
    [[nodiscard]] static TaskClient* running_here() noexcept;

    /// Throws std::logic_error in a child that the user forked.
    void require_owner() const;
    [[nodiscard]] bool is_ours() const noexcept { return mark_.holds(); }

    // What FutureState's members do. A state's task may lie in a slot; these serve all others.
    [[nodiscard]] virtual bool look(FutureState& state);
    [[nodiscard]] virtual bool is_running(const FutureState& state);
    [[nodiscard]] virtual int attempts(const FutureState& state);
    [[nodiscard]] virtual bool wait(FutureState& state, std::chrono::nanoseconds longest);
    [[nodiscard]] virtual std::size_t wait_any(std::span<FutureState* const> states,
                                               std::chrono::nanoseconds longest);
    [[nodiscard]] virtual bool cancel(FutureState& state);
    virtual void drop(FutureState& /*state*/) noexcept {}
    virtual void on_done(FutureState& state, std::function<void()> hook);
    [[nodiscard]] virtual bool begin(FutureState& state);
    virtual void end_made(FutureState& state, std::exception_ptr failure);
    virtual void free_block(std::byte* block) noexcept = 0;

    void adopt(FutureState& state) override;
    int completion_fd() override;
    bool run_on_callback_thread(std::function<void()> function) override;

    /// Waits until one of these has ended, whose home this is, or the time is over; its cost does
    /// not depend on how many they are. Returns false where it cannot, at once.
    [[nodiscard]] virtual bool wait_for_end(Ends& /*ends*/, std::chrono::nanoseconds /*longest*/) {
        return false;
    }

    // Notes of a state's end. leave_note() returns false where it has ended.
    [[nodiscard]] static bool leave_note(FutureState& state, EndNote& note);
    static void forget_note(FutureState& state, EndNote& note) noexcept;
    [[nodiscard]] static bool is_known_to_be_done(const FutureState& state) noexcept {
        return has_ended(state);
    }
    /// Or nullptr, where they have several.
    [[nodiscard]] static FutureHome* home_of_all(
        std::span<const std::shared_ptr<FutureState>> states) noexcept;

    /// Its timeline may be gone before it ends.
    static void forget_timeline(FutureState& state);

    /// Calls the hooks that are due, and ends the callback thread. Every state has ended before.
    void end_callbacks() noexcept;

  protected:
    using Lock = std::unique_lock<std::mutex>;
    using Stage = FutureState::Stage;
    using Ending = FutureState::Ending;
    using Place = FutureState::Place;

    explicit FutureHome(Crew crew);

    // For the homes of tasks: what they may touch of a state.
    [[nodiscard]] static bool has_ended(const FutureState& state) noexcept {
        return state.stage_.load(std::memory_order_acquire) == Stage::done;
    }
    [[nodiscard]] static Place& place_of(FutureState& state) noexcept { return state.place_; }
    [[nodiscard]] static const Place& place_of(const FutureState& state) noexcept {
        return state.place_;
    }
    [[nodiscard]] static bool has_hooks(const FutureState& state) noexcept {
        return !state.hooks_.empty();
    }
    [[nodiscard]] static bool may_be_killed(const FutureState& state) noexcept {
        return state.may_be_killed_;
    }
    [[nodiscard]] static FutureHome* home_of(const FutureState& state) noexcept {
        return state.home_.get();
    }

    /// Throws std::logic_error in a hook that waits for what only a later one makes.
    void refuse_wait_for_hooks(const FutureState& state, std::chrono::nanoseconds longest) const;

    /// Whether it ended so; for somebody who does not look at its task.
    [[nodiscard]] static bool was_cancelled_now(const FutureState& state) noexcept {
        return has_ended(state) && state.ending_ == Ending::cancelled;
    }
    static void note_attempts(FutureState& state, unsigned attempts) noexcept {
        state.attempts_ = static_cast<std::uint8_t>(attempts);
    }

    /// With the lock held: this share of a state goes when the lock is given up, since what its
    /// hooks hold is the user's.
    void let_go(std::shared_ptr<FutureState>&& state);

    /// Fills a new state with what its task is told by.
    void describe(FutureState& state, const TaskOptions& options, std::uint64_t number);

    // Ends of a state, each once; the caller holds the lock, and calls dispatch() after all of
    // them.
    void end_with_result(FutureState& state, const ResultSlot& result) noexcept;
    void end_cancelled(FutureState& state, const char* why);
    void end_failed(FutureState& state, TaskFailed::Details details);
    void end_thrown(FutureState& state, const std::exception_ptr& failure) noexcept;

    /// Before the end of a state: tells its timeline of the attempt that ended it, if it has one.
    static void record(const FutureState& state, std::span<const std::byte> message,
                       bool has_failed) noexcept {
        if (state.timeline_ != nullptr) [[unlikely]] {
            record_times(state, message, has_failed);
        }
    }
    [[nodiscard]] static bool is_timed(const FutureState& state) noexcept {
        return state.timeline_ != nullptr;
    }

    /// What to tell of a task that failed, but for why.
    [[nodiscard]] static TaskFailed::Details details_of(const FutureState& state);

    /// Sees that the hooks of what has ended are called, and lets go of the lock.
    void dispatch(Lock lock) noexcept;

    /// Throws std::runtime_error where tasks that run in the calling thread lie too deep in one
    /// another.
    static void require_depth();

    /// Runs a task in the calling thread, with the lock held by nobody. Throws as require_depth().
    void run_in_caller(TaskFunction call, std::span<const std::byte> message, FutureState& state,
                       ResultBlocks& blocks);

    /// Throws std::invalid_argument for what makes no sense or the crew cannot give.
    void check_options(const TaskOptions& options) const;

    /// Whether states may end otherwise than by this process's threads: the callback thread then
    /// looks after those that collect() is for, and sleeps on a bell that others ring.
    [[nodiscard]] virtual shm::Doorbell& news() noexcept { return bell_; }
    /// Ends what is done of the states with hooks; with the lock held. Returns whether any are
    /// left.
    virtual bool collect(const Lock& /*lock*/) { return false; }
    /// A state that is pending gets its first hook, or all are to be counted.
    virtual void watch(FutureState& /*state*/, const Lock& /*lock*/) {}
    virtual void watch_all(const Lock& /*lock*/) {}
    /// Ends all states if the pool is broken.
    virtual void look_at_pool() noexcept {}
    /// Whether hooks are called by whoever ends a state, and not by a thread: in a worker.
    [[nodiscard]] virtual bool calls_hooks_here() const noexcept { return is_over_; }

    [[nodiscard]] bool is_callback_thread() const noexcept;
    [[nodiscard]] bool counts_completions() const noexcept { return completions_.has_value(); }
    [[nodiscard]] Crew crew() const noexcept { return crew_; }

    std::mutex mutex_;

    /// Somebody who waits for any of several: each end rings the news while one lives. seq_cst, as
    /// in end(): that sees the waiter, or the waiter's look sees the end.
    class AnyWaiter {
      public:
        explicit AnyWaiter(FutureHome& home) noexcept : home_(home) {
            home_.any_waiters_.fetch_add(1, std::memory_order_seq_cst);
        }
        ~AnyWaiter() { home_.any_waiters_.fetch_sub(1, std::memory_order_relaxed); }
        AnyWaiter(const AnyWaiter&) = delete;
        AnyWaiter& operator=(const AnyWaiter&) = delete;

      private:
        FutureHome& home_;
    };

  private:
    static void record_times(const FutureState& state, std::span<const std::byte> message,
                             bool has_failed) noexcept;
    void end(FutureState& state, Ending ending) noexcept;
    void start_thread();
    void run_callbacks() noexcept;
    void call_queue(Lock& lock) noexcept;
    void count_completion() noexcept;

    const shm::ProcessMark mark_;
    std::atomic<int> any_waiters_{0};
    const Crew crew_;
    shm::Doorbell bell_;
    std::deque<std::function<void()>> queue_;
    std::vector<std::shared_ptr<FutureState>> gone_;
    std::unique_ptr<std::thread> thread_;
    std::atomic<std::thread::id> thread_id_{};
    bool is_calling_ = false;           // somebody is, where no thread does
    std::atomic<bool> is_over_{false};  // no thread serves the queue any more
    std::optional<HostOnly> completions_;
    std::uint64_t uncounted_ = 0;  // completions since the last write to it
};

}  // namespace pinfold::detail
