#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/until.hpp>

#include "process/child.hpp"

namespace pinfold::detail {

/// What its host knows of a Process: shared by its handle and the keeper.
///
/// Thread-safety: all members.
class ProcessState {
  public:
    /// How it ended: its exit code, or the negative of the signal.
    struct End {
        int exit_code = 0;
        std::array<char, 1024> text{};  // of the exception that ended it
    };

    /// For the keeper, when it was forked. Throws std::system_error where it cannot be known, by
    /// lack of a descriptor.
    void begin(pid_t pid);

    [[nodiscard]] pid_t pid() const;

    /// The descriptor to poll for its end; negative once the program closed it.
    [[nodiscard]] int number() const;

    /// For the keeper: whether it has ended.
    [[nodiscard]] bool has_ended() const;

    /// For the keeper, which saw its end: takes its exit code from the system. Nothing where
    /// the program has done so before.
    [[nodiscard]] std::optional<int> reap() const;

    /// For the keeper, when it is buried: tells all who wait.
    void end(const End& how);

    /// Whether it has ended before `until`.
    [[nodiscard]] bool wait(shm::Until until);
    [[nodiscard]] std::optional<End> how_it_ended() const;

    /// Sends a signal unless it has ended.
    void send(int signal) const;

  private:
    mutable std::mutex mutex_;
    shm::Doorbell bell_;  // a copy in a child may be destroyed, whoever waits on the parent's
    pid_t pid_ = 0;
    std::unique_ptr<Child> child_;  // until it is reaped
    std::optional<End> end_;
};

}  // namespace pinfold::detail
