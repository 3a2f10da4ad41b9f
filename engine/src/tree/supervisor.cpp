#include "tree/supervisor.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <pinfold/shm/file_space.hpp>
#include <thread>
#include <utility>

#include "clock.hpp"
#include "process/fork.hpp"
#include "process/strangers.hpp"
#include "tree/worker_process.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A worker that dies before its first chunk costs nothing but would do so for ever. Five in a row,
// with pauses of 1, 2, 4, 8 and 16 ms against a passing lack of memory or processes, are enough.
constexpr int most_failed_starts = 5;

// How long workers of a closing pool may take to leave by themselves before they are killed.
constexpr milliseconds leaving_time{1000};
constexpr milliseconds closing_look{20};

// A killed process is gone within these looks, and its own children have fallen to this one.
constexpr std::chrono::microseconds ending_look{200};
constexpr int looks_before_a_search = 100;

}  // namespace

Supervisor::Supervisor(Workforce& workforce, Works works, const ProcessCrewOptions& options)
    : workforce_(workforce),
      works_(works),
      options_(options),
      children_(workforce.workers.size()),
      watch_(works, workforce.workers),
      attendance_(workforce, works) {
    known_.reserve(children_.size());
}

WorkerNumber Supervisor::workers() const noexcept {
    return static_cast<WorkerNumber>(children_.size());
}

int Supervisor::run(SupervisorLinks links) noexcept {
    links_ = std::move(links);
    if (start_up() && supervise()) {
        end_everything();
        return EXIT_SUCCESS;
    }
    give_up();
    return EXIT_FAILURE;
}

bool Supervisor::start_up() noexcept {
    workforce_.tree.supervisor.hold();
    workforce_.tree.born.store(true, std::memory_order_release);
    prctl(PR_SET_NAME, "pinfold:super");
    prctl(PR_SET_CHILD_SUBREAPER, 1);  // what a map leaves behind falls to this process
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);  // it is read from links_.deaths
    if (!start_all()) {
        return false;
    }
    workforce_.tree.forked.store(true, std::memory_order_release);
    workforce_.tree.bell.ring();
    status_.open(workforce_);
    update_status();
    return true;
}

// The system puts a new process onto another CPU where one is idle. So the worker of this CPU comes
// last: on a machine with few CPUs most begin where they belong.
bool Supervisor::start_all() noexcept {
    const int here = sched_getcpu();
    const auto of_here = std::ranges::find_if(
        workforce_.workers, [&](const shm::Party& worker) { return worker.cpu == here; });
    const auto last = static_cast<WorkerNumber>(of_here - workforce_.workers.begin());
    for (WorkerNumber i = 0; i < workers(); ++i) {
        const WorkerNumber worker = last < workers() ? (last + 1 + i) % workers() : i;
        if (!start(worker)) {
            workforce_.tree.give_reason(
                errno, {"cannot start worker ", Digits(worker), " of ", Digits(workers())});
            return false;
        }
    }
    return true;
}

bool Supervisor::start(WorkerNumber worker) noexcept {
    const pid_t supervisor = getpid();
    children_[worker].pid = fork_child(Forked::for_pool, [&] {
        links_.host.reset();
        links_.deaths.reset();
        status_.leave_to_supervisor();
        WorkerProcess process(workforce_, works_, options_, worker, supervisor);
        const int status = process.run();
        if (!process.has_run_users_code()) {
            leave_mute_child(status);
        }
        return status;
    });
    return children_[worker].pid > 0;
}

// Returns whether the pool ends as it should.
bool Supervisor::supervise() noexcept {
    while (!given_up_) {
        wait_for_news();
        if (host_is_gone_) {
            return true;
        }
        if (was_poked_ || was_signalled_) {
            kill_marked();
        }
        if (was_poked_) {
            kill_missing();
        }
        shm::let_go_of_closed_files();  // those it was forked beside
        reap_all();
        kill_late();
        update_status();
        close();
        if (closing_since_ns_ != 0 &&
            std::ranges::all_of(children_, [](const Child& c) { return c.pid <= 0; })) {
            return true;
        }
    }
    return false;
}

void Supervisor::wait_for_news() noexcept {
    std::array<pollfd, 3> news{{{links_.tree.number(), POLLIN, 0},
                                {links_.host.number(), POLLIN, 0},
                                {links_.deaths.number(), POLLIN, 0}}};
    if (poll(news.data(), news.size(), poll_timeout()) < 0 && errno != EINTR) {
        workforce_.tree.give_reason(errno, {"the supervisor's poll"});
        given_up_ = true;
        return;
    }
    const TreeEnd::News of_host = links_.tree.take_news();
    was_poked_ = of_host == TreeEnd::News::poke;
    host_is_gone_ = of_host == TreeEnd::News::host_is_gone || news[1].revents != 0;
    was_signalled_ = false;  // by a child that ended, or by a worker that wants something
    signalfd_siginfo ignored;
    while (read(links_.deaths.number(), &ignored, sizeof ignored) ==
           static_cast<ssize_t>(sizeof ignored)) {
        was_signalled_ = true;
    }
}

int Supervisor::poll_timeout() const noexcept {
    if (closing_since_ns_ != 0) {
        return static_cast<int>(closing_look.count());
    }
    constexpr std::chrono::nanoseconds status_interval(StatusPage::interval_ns);
    auto interval = watch_.interval();
    if (status_.has_work()) {
        const auto wanted = std::chrono::duration_cast<milliseconds>(status_interval);
        interval = std::min(interval.value_or(wanted), wanted);
    }
    return interval ? static_cast<int>(interval->count()) : -1;
}

// Whoever ended may have handed its children to this process. Where none is left, none was.
void Supervisor::reap_all() noexcept {
    bool has_reaped = false;
    for (;;) {
        int wait_status = 0;
        const pid_t pid = waitpid(-1, &wait_status, WNOHANG);
        if (pid > 0) {
            reap(pid, wait_status);
            has_reaped = true;
        } else if (pid < 0 || !std::exchange(has_reaped, false)) {
            return;
        } else {
            kill_other_children();
        }
    }
}

void Supervisor::reap(pid_t pid, int wait_status) noexcept {
    const auto found = std::ranges::find(children_, pid, &Child::pid);
    if (found == children_.end()) {
        return;  // a process that a map had started
    }
    const auto worker = static_cast<WorkerNumber>(found - children_.begin());
    const Fault fault = found->fault;
    *found = {};
    const bool was_ready = workforce_.workers[worker].stage.load(std::memory_order_acquire) ==
                           shm::Party::Stage::ready;
    const bool is_closing =
        closing_since_ns_ != 0 || workforce_.closing.load(std::memory_order_acquire);
    if (!was_ready && !is_closing) {
        tell_of_failed_start(fault, wait_status);
    }
    bury(worker, {pid, wait_status, fault == Fault::late});
    if (!is_closing) {
        replace(worker, was_ready);
    }
}

void Supervisor::tell_of_failed_start(Fault fault, int wait_status) const noexcept {
    if (fault == Fault::missing) {
        workforce_.tree.give_reason(0, {"workers do not get through their start-up"});
    } else if (WIFSIGNALED(wait_status)) {
        workforce_.tree.give_reason(
            0, {"workers die at start-up by signal ", Digits(WTERMSIG(wait_status))});
    } else {
        workforce_.tree.give_reason(
            0, {"workers end at start-up with exit code ", Digits(WEXITSTATUS(wait_status))});
    }
}

// Rings when all is undone: the dead may have owed a ring to others, or died inside of one.
void Supervisor::bury(WorkerNumber worker, const WorkerDeath& death) noexcept {
    // First what it held: burials of its work free what is its own of the heap.
    if (options_.estate != nullptr) {
        options_.estate->bury(worker);
    }
    for (Work* const work : works_) {
        work->bury(worker, death);
    }
    for (Work* const work : works_) {
        work->clear_up(worker);
    }
    status_.count_death();
    workforce_.workers[worker].begin_next_life();
    workforce_.work.ring_after_death();
}

void Supervisor::replace(WorkerNumber worker, bool was_ready) noexcept {
    failed_starts_ = was_ready ? 0 : failed_starts_ + 1;
    while (failed_starts_ <= most_failed_starts) {
        if (failed_starts_ > 0) {
            std::this_thread::sleep_for(milliseconds(1 << (failed_starts_ - 1)));
        }
        if (start(worker)) {
            return;
        }
        ++failed_starts_;
    }
    workforce_.tree.give_reason(errno, {"cannot replace worker ", Digits(worker)});
    given_up_ = true;
}

void Supervisor::kill_worker(WorkerNumber worker) const noexcept {
    const pid_t pid = children_[worker].pid;
    if (pid > 0) {
        kill(pid, SIGKILL);  // our own unreaped child: the number cannot be another process's
    }
}

void Supervisor::kill_all_workers() const noexcept {
    for (WorkerNumber worker = 0; worker < workers(); ++worker) {
        kill_worker(worker);
    }
}

void Supervisor::kill_marked() noexcept {
    for (WorkerNumber worker = 0; worker < workers(); ++worker) {
        if (std::ranges::any_of(works_, [&](Work* w) { return w->condemn_marked(worker); })) {
            kill_worker(worker);
        }
    }
}

void Supervisor::kill_missing() noexcept {
    const std::int64_t now = now_ns();
    for (WorkerNumber worker = 0; worker < workers(); ++worker) {
        if (attendance_.is_missing(worker, now)) {
            children_[worker].fault = Fault::missing;
            kill_worker(worker);
        }
    }
}

void Supervisor::kill_late() noexcept {
    if (!watch_.interval()) {
        return;
    }
    for (const WorkerNumber worker : watch_.tick(now_ns())) {
        children_[worker].fault = Fault::late;
        kill_worker(worker);
    }
}

// Only while a job or a task runs is there a tick for it: a pool without any sleeps. The host pokes
// once a second while it waits, so what takes longer is seen.
void Supervisor::update_status() noexcept {
    status_.update(workforce_, works_, now_ns(),
                   [this](WorkerNumber worker) { return children_[worker].pid; });
}

// Children that are not workers were started by a map whose worker has ended.
void Supervisor::kill_other_children() noexcept {
    known_.clear();
    for (const Child& child : children_) {
        known_.push_back(child.pid);
    }
    kill_strangers(known_, Search::listed);
}

void Supervisor::close() noexcept {
    if (!workforce_.closing.load(std::memory_order_acquire)) {
        return;
    }
    const std::int64_t now = now_ns();
    if (closing_since_ns_ == 0) {
        closing_since_ns_ = now;
    } else if (now - closing_since_ns_ > nanoseconds(leaving_time).count()) {
        kill_all_workers();
    }
}

// Until no child is left: a killed process may hand its own children to this one.
void Supervisor::end_everything() noexcept {
    kill_all_workers();
    std::ranges::fill(children_, Child{});
    for (int looks = 0;;) {
        int wait_status = 0;
        const pid_t pid = waitpid(-1, &wait_status, WNOHANG);
        if (pid < 0) {
            return;
        }
        if (pid == 0) {
            kill_strangers({}, looks++ < looks_before_a_search ? Search::listed : Search::all);
            std::this_thread::sleep_for(ending_look);
        }
    }
}

void Supervisor::give_up() noexcept {
    end_everything();
    workforce_.tree.broken.store(true, std::memory_order_seq_cst);
    workforce_.tree.bell.ring();
    for (Work* const work : works_) {
        work->wake_waiters();
    }
    if (options_.estate != nullptr) {
        options_.estate->wake_waiters();
    }
    wait_for_leave();
}

// A supervisor that ends while its host is still starting it may be reaped by a wait for any child
// in another thread, and then the host has no pidfd to know it by.
void Supervisor::wait_for_leave() const noexcept {
    std::array<pollfd, 2> leave{
        {{links_.tree.number(), POLLIN, 0}, {links_.host.number(), POLLIN, 0}}};
    while (poll(leave.data(), leave.size(), -1) < 0 && errno == EINTR) {
    }
}

}  // namespace pinfold::detail
