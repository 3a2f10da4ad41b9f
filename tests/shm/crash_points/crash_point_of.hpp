#pragma once

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <new>
#include <system_error>
#include <utility>

namespace pinfold::testing {

/// One of the steps of a protocol, at which a process is ended by SIGKILL, or gets another signal.
/// All processes share it that are forked after its making, which so comes before main().
template <typename Step>
class CrashPointOf {
  public:
    /// Throws std::system_error.
    CrashPointOf() : shared_(make_shared()) {}

    /// It strikes at the passing of that number, counted from 1 over all processes that are meant;
    /// once. `whom` is for pass() to say who that is.
    void arm(Step step, int passing, int whom, int signal = SIGKILL) {
        disarm();
        shared_.signal = signal;
        shared_.whom = whom;
        shared_.passings_left = passing;
        shared_.struck = false;
        shared_.step = static_cast<int>(step);
    }
    void disarm() { shared_.step = -1; }

    /// Whether it has struck since it was armed.
    [[nodiscard]] bool has_struck() const { return shared_.struck; }

    /// Calls `hook` at every step that the calling thread reaches from now on.
    static void hook_this_thread(std::function<void(Step)> hook) { hook_ = std::move(hook); }

    /// A step is reached. `may_die(whom)` says whether the calling process is meant.
    template <typename MayDie>
    void pass(Step step, const MayDie& may_die) const {
        if (hook_) {
            hook_(step);
        }
        if (shared_.step == static_cast<int>(step) && may_die(shared_.whom.load()) &&
            shared_.passings_left.fetch_sub(1) == 1) {
            shared_.struck = true;
            kill(getpid(), shared_.signal);
        }
    }

  private:
    struct Shared {
        std::atomic<int> step{-1};
        std::atomic<int> whom{0};
        std::atomic<int> passings_left{0};
        std::atomic<int> signal{SIGKILL};
        std::atomic<bool> struck{false};
    };

    static Shared& make_shared() {
        void* const page = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) {
            throw std::system_error(errno, std::generic_category(), "mmap");
        }
        return *new (page) Shared;
    }

    static inline thread_local std::function<void(Step)> hook_;

    Shared& shared_;
};

}  // namespace pinfold::testing
