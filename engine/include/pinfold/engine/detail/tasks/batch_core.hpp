#pragma once

// A batch without the types of its items and results: what is submitted, and when. Not for users.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/tasks/map_options.hpp>
#include <stop_token>
#include <string>
#include <vector>

namespace pinfold {

class Pool;

namespace detail {

class AnyValueState;
class FutureState;
class TaskClient;
struct TaskSpec;

/// Items that one task has.
struct BatchPart {
    std::shared_ptr<AnyValueState> state;
    std::uint64_t first = 0;
    std::uint64_t items = 0;
};

// Submits the parts of a batch, so many at a time, and gives those that are done.
//
//     input ──read_item()──► the part in hand ──submit_part()──► window ──next()──► taken
//
// Only the thread that takes results reads the input. What reading it throws comes after the
// results of what was read before.
//
// Thread-safety: cancel(), done(), total() and progress(); all others only one thread at a time.
class PINFOLD_API BatchCore : public std::enable_shared_from_this<BatchCore> {
  public:
    BatchCore(const BatchCore&) = delete;
    BatchCore& operator=(const BatchCore&) = delete;
    virtual ~BatchCore();

    /// Submits the first parts. Throws what kept it from submitting the very first; what reading it
    /// threw comes with the results, as that of all others.
    void start();

    /// Nobody takes results any more. Cancels what is not done.
    void abandon() noexcept;

    void cancel();
    [[nodiscard]] std::uint64_t done() const;
    [[nodiscard]] std::optional<std::uint64_t> total() const;
    [[nodiscard]] BatchProgress progress() const;

    /// Calls `at_end` when gather() has returned true or thrown: here, or where hooks are called.
    void gather_by_hooks(std::function<void()> at_end);
    /// Throws what gather() threw.
    void rethrow_gathering() const;

    /// Gives a home to a state that the host makes. Its cancellation cancels the batch.
    void adopt(FutureState& state);
    void follow(const std::shared_ptr<AnyValueState>& state);

  protected:
    BatchCore(const Pool& pool, const MapOptions& options, bool is_ordered);

    /// Before start(): none, if the input does not know its size.
    void set_total(std::optional<std::uint64_t> total) noexcept { total_ = total; }

    enum class Next { part, end, not_yet };
    /// Waits, at most so long, until the next part is done, and takes it. Throws what reading or
    /// submitting threw, and Cancelled where a part was not submitted any more.
    [[nodiscard]] Next next(BatchPart& part, std::chrono::nanoseconds longest);

    /// What is left of a time that began then.
    [[nodiscard]] static std::chrono::nanoseconds left_of(std::chrono::nanoseconds longest,
                                                          std::int64_t began_ns) noexcept;
    [[nodiscard]] static std::int64_t clock_ns() noexcept;

    [[nodiscard]] const TaskClient& client() const noexcept { return *client_; }

    /// Adds an item of the input to the part in hand. Returns false at the end of the input.
    virtual bool read_item() = 0;
    /// What is thrown from now on until the next item is read is no fault of the input.
    void item_is_read() noexcept { is_reading_ = false; }
    /// Submits the part in hand by submit(), and empties it if that did not throw.
    virtual std::shared_ptr<AnyValueState> submit_part(std::uint64_t items) = 0;
    /// Takes what is done; true at the end. Does not wait.
    virtual bool gather() = 0;

    /// Returns false when the batch was cancelled meanwhile.
    bool submit(TaskSpec spec, std::shared_ptr<FutureState> state);

  private:
    using Lock = std::unique_lock<std::mutex>;

    void fill();
    void read_part() noexcept;
    [[nodiscard]] bool submit_in_hand();
    void stop_reading(std::exception_ptr why);
    [[nodiscard]] bool has_more() const;
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] bool find_done(std::chrono::nanoseconds longest);
    [[nodiscard]] bool wait(std::chrono::nanoseconds longest) const;
    [[nodiscard]] std::vector<BatchPart> window() const;
    [[nodiscard]] BatchPart take_front();
    void tell_progress(bool is_end);
    void name_part(std::uint64_t first, std::uint64_t items);

    const std::shared_ptr<TaskClient> client_;
    const std::string name_;
    std::string part_name_;
    TaskOptions options_;
    const std::function<void(const BatchProgress&)> progress_;
    const std::uint64_t grain_;
    const std::size_t look_ahead_;
    const bool is_ordered_;
    const bool is_serial_;
    const std::int64_t began_ns_;
    std::int64_t told_ns_;

    std::uint64_t in_hand_ = 0;  // items of the part that is to be submitted
    bool is_reading_ = false;    // the caller's input
    std::exception_ptr gathering_;
    std::stop_source stop_;

    mutable std::mutex mutex_;      // of all below
    std::deque<BatchPart> window_;  // submitted and not taken, in order
    std::size_t ready_ = 0;         // of these, so many at the front are known to be done
    std::uint64_t submitted_ = 0;   // items
    std::uint64_t taken_ = 0;       // items
    std::uint64_t retried_ = 0;     // of tasks that were taken
    std::optional<std::uint64_t> total_;
    bool has_ended_ = false;      // the input
    std::exception_ptr failure_;  // why it ended before its end
    std::int64_t ended_ns_ = 0;   // when all was taken
};

}  // namespace detail
}  // namespace pinfold
