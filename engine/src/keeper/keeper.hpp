#pragma once

#include <poll.h>
#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <span>
#include <vector>

#include "keeper/birth.hpp"
#include "keeper/call.hpp"
#include "keeper/process_record.hpp"
#include "process/child.hpp"
#include "process/own_thread.hpp"

namespace pinfold::detail {

/// The supervisor of a pool's workers, which buries them.
struct Supervised {
    pid_t pid = 0;
    std::function<bool()> has_ended;
};

/// A thread of the host that looks after those who use a space: it forks Processes, reaps and
/// buries them, and tells all who wait when nobody buries workers any more.
///
///     threads of the host ──Birth──► keeper ──fork──► Processes
///                                      ├── polls a pidfd of each, and of the pool's supervisor
///                                      └── Roster::bury(), Roster::break_up()
///
/// A Process gets a signal when the thread that forked it ends: that is what ends it with its host,
/// however the host ends. So Processes are forked by this thread, which lasts.
///
/// Thread-safety: all members.
class Keeper {
  public:
    /// Whom it keeps: those numbered from `first` on, one a record.
    struct Places {
        shm::Roster& roster;
        shm::ProcessNumber first = 0;
        std::span<ProcessRecord> records;
    };

    /// Throws std::system_error where there is no thread or no descriptor for it.
    Keeper(const Places& places, Supervised supervised);

    /// Processes that live, which are detached ones, go on; a thread of their own reaps them.
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    /// Forks a Process, and waits until its life is tied to this process's. Throws
    /// std::system_error when the system refuses, and when all places are taken.
    void give_birth(const Birth& birth);

    /// The pool ends, and so does its supervisor.
    void forget_supervisor() noexcept;

    /// How many Processes live.
    [[nodiscard]] std::size_t living() const;

  private:
    struct Living {
        std::size_t place = 0;
        std::shared_ptr<ProcessState> state;
    };

    /// A birth that was asked for, and what came of it.
    struct Asked {
        const Birth& birth;
        std::exception_ptr error;
        std::size_t place = 0;
        std::atomic<bool> is_done = false;
    };

    void watch();
    void run();
    [[nodiscard]] bool wait_for_news();
    void look_at_supervisor();
    void bury_the_dead();
    void bury(const Living& dead);
    void attend_births();
    std::size_t bear(const Birth& birth);
    void fork_enrolled(std::size_t place, const Birth& birth) const;
    void fork_into(std::size_t place, const Birth& birth) const;
    [[nodiscard]] std::size_t free_place() const;
    [[nodiscard]] shm::ProcessNumber number_of(std::size_t place) const noexcept {
        return static_cast<shm::ProcessNumber>(places_.first + place);
    }

    const Places places_;
    const Supervised supervised_;
    std::optional<Call> call_;

    // The keeper's own.
    std::optional<Child> supervisor_;
    std::vector<pollfd> news_;
    std::vector<bool> taken_;  // places

    mutable std::mutex mutex_;
    shm::Doorbell answered_;
    std::vector<Living> living_;  // changed by the keeper alone
    std::vector<Asked*> asked_;
    bool watches_ = false;
    bool is_over_ = false;

    std::unique_ptr<OwnThread> thread_;  // last: it uses the others
};

}  // namespace pinfold::detail
