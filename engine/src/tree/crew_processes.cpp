// Workers are processes, forked by a supervisor that was forked by the host.
//
//      host ───────fork──────► supervisor ──fork──► workers
//       │ ▲                      ▲   ▲                │
//       │ └── tree pipe ─────────┼───┴── held by all ─┘
//       └──── lifeline, poke ────┘
//
// The host holds the write end of the lifeline and the read end of the tree pipe. A supervisor that
// is born beside other pools of the same host closes their ends, so each lifeline ends with its
// host. The supervisor sees the host end by a pidfd or, at an exec, by the lifeline; the host sees
// the supervisor end by a pidfd and the whole tree by the tree pipe.

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <pinfold/engine/errors.hpp>
#include <set>
#include <string>
#include <system_error>

#include "clock.hpp"
#include "tree/crew.hpp"
#include "tree/exit_handler.hpp"
#include "tree/fork.hpp"
#include "tree/supervisor.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::int64_t check_interval_ns = nanoseconds(milliseconds(10)).count();
constexpr milliseconds closing_time{3000};  // of a supervisor, beyond its workers' leaving time
constexpr milliseconds kill_time{2000};     // for killed processes to be gone

// A supervisor that is stopped again so soon after it was told to go on is held by something.
constexpr std::int64_t continued_for_ns = nanoseconds(milliseconds(1000)).count();

/// The descriptors that only the host may hold, of all its pools.
struct HostEnds {
    std::mutex births;  // also: one supervisor is born at a time
    std::set<int> numbers;
    pid_t owner = getpid();

    /// In a child that the user forked the numbers are its parent's, and may name other files.
    void forget_parents() {
        if (owner != getpid()) {
            numbers.clear();
            owner = getpid();
        }
    }
};

HostEnds& host_ends() {
    static HostEnds ends;
    return ends;
}

bool readable_within(const Descriptor& descriptor, milliseconds time) {
    pollfd wanted{descriptor.number(), POLLIN, 0};
    return poll(&wanted, 1, static_cast<int>(time.count())) > 0;
}

void send(const Descriptor& process, int signal) noexcept {
    syscall(SYS_pidfd_send_signal, process.number(), signal, nullptr, 0);
}

class ProcessCrew final : public CrewOfWorkers {
  public:
    ProcessCrew(Workforce& workforce, Works works, ProcessCrewOptions options)
        : workforce_(workforce), options_(std::move(options)) {
        const std::scoped_lock lock(host_ends().births);
        host_ends().forget_parents();
        arm_exit_handlers();
        Pipe lifeline = open_pipe();
        Pipe tree = open_pipe();
        poke_ = open_event();
        Descriptor host = open_process(getpid());
        const pid_t pid = fork_child("the supervisor", [&] {
            lifeline.write_end.reset();
            tree.read_end.reset();
            for (const int number : host_ends().numbers) {
                close(number);
            }
            return Supervisor(workforce_, works, options_,
                              {std::move(lifeline.read_end), std::move(host), std::move(poke_)})
                .run();
        });
        lifeline_ = std::move(lifeline.write_end);
        tree_ = std::move(tree.read_end);
        know_supervisor(pid);
        host_ends().numbers.insert({lifeline_.number(), tree_.number()});
    }

    ~ProcessCrew() override {
        workforce_.closing.store(true, std::memory_order_seq_cst);
        workforce_.work.ring();
        signal_event(poke_);
        const std::int64_t until = now_ns() + nanoseconds(closing_time).count();
        while (!readable_within(supervisor_, wait_slice) && now_ns() < until) {
            continue_if_stopped();
        }
        send(supervisor_, SIGKILL);
        reap_supervisor();
        readable_within(tree_, kill_time);
        const std::scoped_lock lock(host_ends().births);
        host_ends().numbers.erase(lifeline_.number());
        host_ends().numbers.erase(tree_.number());
    }

    void wait_until_started() {
        for (;;) {
            const std::uint32_t seen = workforce_.tree.bell.value();
            if (workforce_.tree.broken.load(std::memory_order_seq_cst)) {
                refuse_start();
            }
            const auto ready = workforce_.tree.ready.load(std::memory_order_acquire);
            const bool waits_for_all = static_cast<bool>(options_.initializer);
            if (workforce_.tree.forked.load(std::memory_order_acquire) &&
                (!waits_for_all || ready >= workforce_.workers.size())) {
                return;
            }
            look_at_supervisor();
            workforce_.tree.bell.wait(seen, wait_slice);
        }
    }

    void call(bool watched) override {
        workforce_.work.ring();
        if (watched) {
            signal_event(poke_);
        }
    }

    void kill_marked() override { signal_event(poke_); }

    void check() override {
        if (workforce_.tree.broken.load(std::memory_order_seq_cst)) {
            throw PoolBroken(reason());
        }
        const std::int64_t now = now_ns();
        if (now - last_look_ns_.exchange(now, std::memory_order_relaxed) >= check_interval_ns) {
            look_at_supervisor();
        }
    }

  private:
    [[nodiscard]] std::string reason() const {
        return std::string("the pool is broken: ") + workforce_.tree.reason.data();
    }

    [[noreturn]] void refuse_start() const {
        const int error = workforce_.tree.error.load(std::memory_order_acquire);
        if (error != 0) {
            throw std::system_error(error, std::generic_category(), reason());
        }
        throw PoolBroken(reason());
    }

    // A supervisor that has ended takes its workers with it; a stopped one is told to go on, once.
    void look_at_supervisor() {
        if (readable_within(supervisor_, milliseconds(0))) {
            readable_within(tree_, kill_time);
            if (workforce_.tree.broken.load(std::memory_order_seq_cst)) {
                throw PoolBroken(reason());
            }
            throw PoolBroken("the pool is broken: its supervisor was killed");
        }
        continue_if_stopped();
    }

    void continue_if_stopped() {
        siginfo_t info{};
        const bool stopped =
            waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(supervisor_.number()), &info,
                   WSTOPPED | WNOHANG) == 0 &&
            info.si_pid != 0;
        if (stopped) {
            const std::int64_t now = now_ns();
            const std::int64_t since = now - continued_at_ns_.exchange(now);
            send(supervisor_, since < continued_for_ns ? SIGKILL : SIGCONT);
        }
    }

    // Without its pidfd the host would know the supervisor by a bare number alone: better none.
    void know_supervisor(pid_t pid) {
        try {
            supervisor_ = open_process(pid);
        } catch (const std::system_error&) {
            lifeline_.reset();  // it ends by itself
            while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
            }
            throw;
        }
    }

    void reap_supervisor() const noexcept {
        siginfo_t info{};
        // ECHILD: the host ignores SIGCHLD, or reaps whatever it finds.
        waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(supervisor_.number()), &info,
               WEXITED);
    }

    Workforce& workforce_;
    const ProcessCrewOptions options_;
    Descriptor lifeline_;  // write end
    Descriptor tree_;      // read end: hangs up when the supervisor and all workers are gone
    Descriptor poke_;
    Descriptor supervisor_;  // pidfd
    std::atomic<std::int64_t> last_look_ns_{0};
    std::atomic<std::int64_t> continued_at_ns_{-continued_for_ns};
};

}  // namespace

std::unique_ptr<CrewOfWorkers> make_process_crew(Workforce& workforce, Works works,
                                                 ProcessCrewOptions options) {
    auto crew = std::make_unique<ProcessCrew>(workforce, works, std::move(options));
    crew->wait_until_started();
    return crew;
}

}  // namespace pinfold::detail
