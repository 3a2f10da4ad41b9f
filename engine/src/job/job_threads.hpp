#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace pinfold::detail {

class FutureState;

/// The threads of a pool's jobs that nobody waits in. They end with the pool.
///
/// Thread-safety: start(). Fork: a child has none of them, and leaves what there was alone.
class JobThreads {
  public:
    using Job = std::function<void(const std::stop_token&)>;

    JobThreads() = default;
    ~JobThreads() = default;
    JobThreads(const JobThreads&) = delete;
    JobThreads& operator=(const JobThreads&) = delete;

    /// Runs `job`, which throws nothing, on a thread of its own. A stop is requested when `state`,
    /// which has a home, is done before. Throws std::system_error when there is no thread to be
    /// had.
    void start(std::shared_ptr<FutureState> state, Job job);

    /// Cancels what runs, and waits for its end.
    void end() noexcept;

    /// In a child that the user forked.
    void leave_to_parent() noexcept;

  private:
    struct Running {
        std::shared_ptr<FutureState> state;
        std::stop_source stop;
        std::atomic<bool> is_over{false};
        std::thread thread;
    };
    using List = std::list<Running>;

    void join_those_over();

    std::mutex mutex_;
    std::unique_ptr<List> running_ = std::make_unique<List>();
};

}  // namespace pinfold::detail
