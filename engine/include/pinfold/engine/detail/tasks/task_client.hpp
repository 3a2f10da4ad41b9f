#pragma once

// Who submits tasks, and how they come to an end. Not for users.

#include <chrono>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/tasks/future_state.hpp>
#include <pinfold/engine/detail/tasks/task_spec.hpp>
#include <pinfold/engine/tasks/shutdown.hpp>
#include <stop_token>

namespace pinfold {

class Pool;

namespace shm {
class Arena;
}

namespace detail {

/// The way into a pool's task table: the host's, a worker's own, or none, where tasks run in their
/// caller.
///
/// Thread-safety: all members. Fork: in a child that the user forked, all members throw
/// std::logic_error.
class PINFOLD_API TaskClient {
  public:
    TaskClient(const TaskClient&) = delete;
    TaskClient& operator=(const TaskClient&) = delete;
    virtual ~TaskClient();

    /// Puts out a task; `state` is a new one. Outside of workers it waits while the table is full;
    /// in a worker it then runs the task itself. Throws std::invalid_argument for options that make
    /// no sense or that the crew cannot give, and for code that workers do not have; shm::HeapFull
    /// for a message that finds no room; std::logic_error after shutdown(); PoolBroken.
    virtual void submit(const TaskSpec& spec, std::shared_ptr<FutureState> state) = 0;

    /// The same, but returns false when there was no room for so long (negative: for ever), or when
    /// a stop was requested before there was.
    virtual bool submit_within(const TaskSpec& spec, std::shared_ptr<FutureState> state,
                               std::chrono::nanoseconds longest, const std::stop_token& stop) = 0;

    /// Gives a home to a state that the host makes.
    virtual void adopt(FutureState& state) = 0;

    /// An eventfd that counts the futures that are done from now on. It is non-blocking, and stays
    /// this client's. Throws std::system_error, and std::logic_error in a worker.
    virtual int completion_fd() = 0;

    /// Takes no more tasks from outside, and waits for the end of those that are there. Throws
    /// PoolBroken, std::invalid_argument for what the crew cannot do, and std::logic_error in a
    /// worker.
    virtual void shutdown(Shutdown how) = 0;

    /// Returns false when the pool is gone.
    virtual bool run_on_callback_thread(std::function<void()> function) = 0;

    /// For checks of what a task carries.
    [[nodiscard]] virtual const shm::Arena& arena() const = 0;
    /// The process of which workers are forked; 0 where they are threads.
    [[nodiscard]] virtual int process_of_workers() const noexcept = 0;
    virtual void check_code(const void* function) const = 0;

  protected:
    TaskClient() = default;
};

/// Inside a worker of any pool the worker's own client, else the pool's.
[[nodiscard]] PINFOLD_API TaskClient& client_of(const Pool& pool);

/// The client of the worker that runs the calling task or map. Throws std::logic_error elsewhere.
[[nodiscard]] PINFOLD_API TaskClient& client_here();

}  // namespace detail
}  // namespace pinfold
