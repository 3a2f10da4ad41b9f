#pragma once

#include <signal.h>

#include <atomic>
#include <pinfold/shm/descriptor.hpp>
#include <stop_token>
#include <thread>

namespace pinfold::apps {

/// Turns Ctrl-C (SIGINT), SIGTERM and SIGHUP into a stop request, for as long as it lives.
///
/// The job that was given token() then ends with Cancelled and its pool takes its processes down.
/// What does not end within half a second, such as a long chunk on the caller's own thread, or a
/// second signal, ends the program at once with exit status 128 + signal; the pool's supervisor
/// sees that and leaves no process either. Signals that were ignored when the program started, as
/// under nohup, stay ignored.
///
/// Make one in main(), before any other thread: it blocks the signals and waits for them in a
/// thread of its own. Throws std::system_error if the system refuses that.
class StopSignals {
  public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

    /// The signal that came, or 0.
    [[nodiscard]] int caught() const noexcept { return caught_; }

  private:
    void watch();
    [[nodiscard]] int wait(int timeout_ms) const;

    sigset_t watched_;
    sigset_t previous_mask_{};
    shm::Descriptor signals_;   // a signalfd of the watched signals
    shm::Descriptor finished_;  // an eventfd that the destructor rings
    std::atomic<int> caught_ = 0;
    std::stop_source stop_;
    std::thread watcher_;
};

}  // namespace pinfold::apps
