// Workers are processes, forked by a supervisor that was forked by the host.
//
//      host ───────fork──────► supervisor ──fork──► workers
//       │                        │                    │
//       └─────────── link ───────┴──── held by all ───┘
//
// The link is a pair of sockets. The host holds one end and each process of the tree the other. So
// the host hears when the last of the tree is gone, and the supervisor when the host is gone or
// execs: no other child of the host keeps its end (see HostOnly). The host pokes the supervisor
// through it as well.
//
// The program may close any descriptor of the host, and open another file by its number. So nothing
// waits for a descriptor alone: the host also sees the supervisor's end by a Lifeline in shared
// memory, and the supervisor sees the host's by a pidfd of its own.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <pinfold/engine/errors.hpp>
#include <string>
#include <system_error>

#include "clock.hpp"
#include "process/child.hpp"
#include "process/descriptors.hpp"
#include "process/fork.hpp"
#include "process/fork_lock.hpp"
#include "process/kept_stack.hpp"
#include "process/link.hpp"
#include "process/strangers.hpp"
#include "process/why_refused.hpp"
#include "tree/attendance.hpp"
#include "tree/crew.hpp"
#include "tree/exit_handler.hpp"
#include "tree/supervisor.hpp"
#include "tree/turns.hpp"
#include "tree/worker_name.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::int64_t check_interval_ns = nanoseconds(milliseconds(10)).count();
constexpr milliseconds closing_time{2500};  // of a supervisor, beyond its workers' leaving time
constexpr milliseconds orphan_time{100};    // for the tree of a killed supervisor to be gone
constexpr milliseconds kill_time{1000};     // for killed processes to be gone

// A supervisor that is stopped again so soon after it was told to go on is held by something.
constexpr std::int64_t continued_for_ns = nanoseconds(milliseconds(1000)).count();

class ProcessCrew final : public CrewOfWorkers {
  public:
    ProcessCrew(Workforce& workforce, Works works, ProcessCrewOptions options,
                OwnThread& birthplace)
        : workforce_(workforce), works_(works), options_(std::move(options)) {
        const KeptStack stack;  // what a forked map captures by reference may lie there
        birthplace.run([&] { give_birth(stack); });
    }

    ~ProcessCrew() override {
        workforce_.closing.store(true, std::memory_order_seq_cst);
        workforce_.work.ring();
        const std::int64_t until = now_ns() + nanoseconds(closing_time).count();
        while (!is_gone_within(wait_slice) && now_ns() < until) {
            link_->poke();  // no worker has ended, which tells the supervisor as well
            continue_if_stopped();
        }
        if (!is_gone_within(milliseconds(0))) {
            supervisor_->send(SIGKILL);
            end_orphans();
        }
        const bool ended_well =
            supervisor_->take_exit_code().value_or(EXIT_SUCCESS) == EXIT_SUCCESS;
        if (!ended_well && options_.estate != nullptr) {
            options_.estate->wake_waiters();  // it may not have buried all who held something
        }
    }

    void wait_until_started() {
        const std::int64_t began = now_ns();
        for (;;) {
            const std::uint32_t seen = workforce_.tree.bell.value();
            const auto ready = workforce_.tree.ready.load(std::memory_order_acquire);
            const bool waits_for_all = static_cast<bool>(options_.initializer);
            if (workforce_.tree.forked.load(std::memory_order_acquire) &&
                (!waits_for_all || ready >= workforce_.workers.size())) {
                is_started_ = true;
                return;
            }
            check();
            if (!workforce_.tree.born.load(std::memory_order_acquire) &&
                now_ns() - began > nanoseconds(Attendance::patience).count()) {
                supervisor_->send(SIGKILL);
                throw PoolBroken(
                    "the pool is broken: its supervisor does not get through its start-up");
            }
            workforce_.tree.bell.wait(seen, wait_slice);
        }
    }

    void call(std::uint64_t pieces, bool watched) override {
        workforce_.call(pieces);
        if (watched) {
            link_->poke();
        }
    }

    void call_one() override { workforce_.work.ring_for(1); }

    void kill_marked() override { link_->poke(); }

    [[nodiscard]] pid_t process_of_workers() const noexcept override { return supervisor_pid_; }

    void check() override {
        if (workforce_.tree.broken.load(std::memory_order_seq_cst)) {
            refuse();
        }
        const std::int64_t now = now_ns();
        // Only who looks notes it: many threads that ask often would put the look off for ever.
        std::int64_t last = last_look_ns_.load(std::memory_order_relaxed);
        if (now - last >= check_interval_ns &&
            last_look_ns_.compare_exchange_strong(last, now, std::memory_order_relaxed)) {
            look_at_supervisor();
        }
        if (now - asked_at_ns_.load(std::memory_order_relaxed) >= ask_interval_ns) {
            asked_at_ns_.store(now, std::memory_order_relaxed);
            if (any_is_open(works_)) {
                // Whoever was called for what waits may be stopped.
                workforce_.call(workforce_.workers.size());
            }
            link_->poke();  // so that it looks for workers that do not come
        }
    }

  private:
    static constexpr std::int64_t ask_interval_ns = nanoseconds(Attendance::interval).count();

    // One birth at a time, and meanwhile no other child, which would get the tree's end of the
    // link.
    void give_birth(const KeptStack& stack) {
        const ForkLock lock;
        arm_exit_handlers();
        Link link = open_link();
        sigset_t child;
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        SupervisorLinks links{TreeEnd(std::move(link.tree)), open_process(getpid()),
                              open_signals(child)};
        link_.emplace(std::move(link.host));
        Supervisor supervisor(workforce_, works_, options_);
        const pid_t pid = fork_child(Forked::for_pool, [&]() -> int {
            stack.keep();
            leave_mute_child(supervisor.run(std::move(links)));
        });
        if (pid < 0) {
            throw refusal(errno, "cannot start the supervisor");
        }
        know_supervisor(pid);
    }

    // Until the pool is started, what the system refused is the caller's to see by its errno.
    [[noreturn]] void refuse() const {
        const std::string reason =
            std::string("the pool is broken: ") + workforce_.tree.reason.data();
        const int error = workforce_.tree.error.load(std::memory_order_acquire);
        if (error == 0) {
            throw PoolBroken(reason);
        }
        if (!is_started_) {
            throw refusal(error, reason);
        }
        throw PoolBroken(reason + ": " + std::generic_category().message(error));
    }

    // A supervisor that has ended takes its workers with it; a stopped one is told to go on, once.
    void look_at_supervisor() {
        if (workforce_.tree.supervisor.is_cut() || link_->is_deserted_within(milliseconds(0))) {
            end_orphans();
            if (workforce_.tree.broken.load(std::memory_order_seq_cst)) {
                refuse();
            }
            throw PoolBroken(link_->is_open()
                                 ? "the pool is broken: its supervisor was killed"
                                 : "the pool is broken: the program closed its descriptor");
        }
        continue_if_stopped();
    }

    void continue_if_stopped() {
        if (supervisor_->was_stopped()) {
            const std::int64_t now = now_ns();
            const std::int64_t since = now - continued_at_ns_.exchange(now);
            supervisor_->send(since < continued_for_ns ? SIGKILL : SIGCONT);
        }
    }

    // A worker dies with its supervisor, unless its map has changed its credentials since.
    void end_orphans() const {
        if (link_->is_deserted_within(orphan_time)) {
            return;
        }
        for (WorkerNumber worker = 0; worker < workforce_.workers.size(); ++worker) {
            const pid_t pid = workforce_.workers[worker].pid.load(std::memory_order_relaxed);
            kill_process_named(pid, WorkerName(worker).c_str());
        }
        if (link_->is_open()) {
            static_cast<void>(link_->is_deserted_within(kill_time));
        }
    }

    // Where the program closed the link, the lifeline is all that is left to look at.
    [[nodiscard]] bool is_gone_within(milliseconds time) const {
        return link_->is_deserted_within(time) ||
               (!link_->is_open() && workforce_.tree.supervisor.is_cut());
    }

    // Without its pidfd the host would know the supervisor by a bare number alone: better none.
    void know_supervisor(pid_t pid) {
        try {
            supervisor_.emplace(pid);
            supervisor_pid_ = pid;
        } catch (const std::system_error&) {
            link_.reset();  // it ends by itself
            while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
            }
            throw;
        }
    }

    Workforce& workforce_;
    const Works works_;
    const ProcessCrewOptions options_;
    std::optional<HostEnd> link_;
    std::optional<Child> supervisor_;
    pid_t supervisor_pid_ = 0;  // to look at; it may be somebody else's by now
    bool is_started_ = false;
    std::atomic<std::int64_t> last_look_ns_{0};
    std::atomic<std::int64_t> asked_at_ns_{now_ns()};
    std::atomic<std::int64_t> continued_at_ns_{-continued_for_ns};
};

}  // namespace

std::unique_ptr<CrewOfWorkers> make_process_crew(Workforce& workforce, Works works,
                                                 ProcessCrewOptions options,
                                                 OwnThread& birthplace) {
    auto crew = std::make_unique<ProcessCrew>(workforce, works, std::move(options), birthplace);
    crew->wait_until_started();
    return crew;
}

}  // namespace pinfold::detail
