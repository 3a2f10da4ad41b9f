#pragma once

// What a Future and whoever ends it have in common, without the type of the value. Not for users.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <span>
#include <vector>

namespace pinfold {

struct FailedTask;
class Timeline;

namespace detail {

struct EndNote;
class FutureHome;
struct ResultSlot;

/// A future that ends once: with a result, cancelled, or failed.
///
/// It has a home, which is the pool's; it outlives the pool. The state of a task is made by
/// TaskClient::submit(). A state that the host makes is given to TaskClient::adopt() before anybody
/// else sees it, or to adopt_like().
///
/// Thread-safety: all members. Fork: in a child, all but drop() and the destructor throw
/// std::logic_error; those do nothing there.
class PINFOLD_API FutureState {
  public:
    FutureState();
    virtual ~FutureState();
    FutureState(const FutureState&) = delete;
    FutureState& operator=(const FutureState&) = delete;

    [[nodiscard]] bool is_done() const;
    [[nodiscard]] bool is_running() const;
    [[nodiscard]] bool was_cancelled() const;

    /// How often its task was started so far.
    [[nodiscard]] int attempts() const;

    /// Waits until it is done, at most so long; for ever where that is negative. Returns whether it
    /// is. Throws nothing for a task that failed. In a worker it runs the task if that is pending,
    /// else tasks that the one which waits has submitted.
    bool wait_for(std::chrono::nanoseconds longest) const;

    /// The same for several: the number of one that is done, or states.size() when the time is
    /// over.
    [[nodiscard]] static std::size_t wait_any(std::span<FutureState* const> states,
                                              std::chrono::nanoseconds longest);

    /// Returns whether it is cancelled now: true only for a task that does not run, or that may be
    /// killed; of what the host makes, before begin().
    bool cancel();

    /// Its Future is gone, and nobody asks for the result. What it holds is freed when the task
    /// ends. Where a hook is registered, does nothing.
    void drop() noexcept;

    /// Of a state that is done: throws what ended it without a result.
    void check() const;

    /// What the task wrote, of a state that is done with a result that was not released. A long one
    /// stays where it is until then.
    [[nodiscard]] ResultSlot result() const;
    void release_result() noexcept;

    /// In a handler of an exception, where result() could not be read: throws TaskFailed.
    [[noreturn]] void throw_unreadable_result() const;

    /// Calls `hook` once, on the pool's callback thread, when this is done, and also when it is
    /// already; in order of registration. What a hook throws is reported. Where the pool is gone,
    /// calls it here.
    void on_done(std::function<void()> hook);

    /// For what the host makes. begin() returns false where it was cancelled; after it, it cannot
    /// be any more. What comes after the end is ignored.
    [[nodiscard]] bool begin();
    void fulfil();
    void fail(std::exception_ptr failure);

    /// Has the same home as `other`, a hook of which makes it.
    void adopt_like(const FutureState& other);

  private:
    friend class FutureHome;

    enum class Stage : std::uint8_t { pending, begun, done };
    enum class Ending : std::uint8_t { none, value, cancelled, failed, thrown };

    /// Where the task of a pending state lies.
    struct Place {
        std::uint32_t lane = 0;
        std::uint32_t slot = 0;
        std::uint32_t lap = 0;
        bool is_there = false;
    };

    /// A ResultSlot, but for its alignment, which would make every state an aligned block.
    struct Result {
        static constexpr std::size_t room = 56;

        std::uint64_t bytes = 0;
        std::byte content[room];
    };

    [[nodiscard]] FutureHome& home() const;

    std::atomic<Stage> stage_{Stage::pending};
    Ending ending_ = Ending::none;
    bool may_be_killed_ = false;
    bool is_made_by_hooks_ = false;  // so that the callback thread alone ends it with a value
    std::uint8_t attempts_ = 0;
    std::atomic<bool> is_slept_on_{false};  // by somebody who sleeps on nothing else: then the bell
    mutable shm::Doorbell bell_;            // rings when it is done
    Place place_;
    std::shared_ptr<FutureHome> home_;
    std::vector<std::function<void()>> hooks_;
    std::uint64_t number_ = 0;
    std::array<char, 24> name_{};
    Result result_;
    EndNote* notes_ = nullptr;             // who wants to know of its end, with others
    Timeline* timeline_ = nullptr;         // where to tell when it ran
    std::unique_ptr<FailedTask> details_;  // of a task that failed
    std::exception_ptr failure_;           // of all that ended otherwise
};

}  // namespace detail
}  // namespace pinfold
