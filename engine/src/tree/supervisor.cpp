#include "tree/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include "clock.hpp"
#include "tree/fork.hpp"
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

}  // namespace

Supervisor::Supervisor(Workforce& workforce, Works works, const ProcessCrewOptions& options,
                       SupervisorLinks links)
    : workforce_(workforce),
      works_(works),
      options_(options),
      links_(std::move(links)),
      pids_(workforce.workers.size(), 0),
      late_(workforce.workers.size(), false),
      watch_(works, workforce.workers) {}

WorkerNumber Supervisor::workers() const noexcept {
    return static_cast<WorkerNumber>(pids_.size());
}

int Supervisor::run() {
    try {
        start_up();
        while (!given_up_) {
            wait_for_news();
            if (host_is_gone_) {
                end_everything();
                return EXIT_SUCCESS;
            }
            if (take_event(links_.poke)) {
                kill_marked();
            }
            reap_all();
            kill_late();
            close();
            if (closing_since_ns_ != 0 &&
                std::ranges::all_of(pids_, [](pid_t p) { return p == 0; })) {
                end_everything();
                return EXIT_SUCCESS;
            }
        }
    } catch (const std::system_error& e) {
        workforce_.tree.give_reason(e.what(), e.code().value());
    } catch (const std::exception& e) {
        workforce_.tree.give_reason(e.what(), 0);
    }
    give_up();
    return EXIT_FAILURE;
}

void Supervisor::start_up() {
    prctl(PR_SET_NAME, "pinfold:super");
    prctl(PR_SET_CHILD_SUBREAPER, 1);  // what a map leaves behind falls to this process
    listen_for_deaths();
    start_all();
    workforce_.tree.forked.store(true, std::memory_order_release);
    workforce_.tree.bell.ring();
}

void Supervisor::listen_for_deaths() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    deaths_ = open_signals(child);
}

void Supervisor::start_all() {
    for (WorkerNumber worker = 0; worker < workers(); ++worker) {
        if (!start(worker)) {
            throw std::system_error(errno, std::generic_category(),
                                    "cannot start worker " + std::to_string(worker) + " of " +
                                        std::to_string(pids_.size()));
        }
    }
}

bool Supervisor::start(WorkerNumber worker) {
    const pid_t supervisor = getpid();
    try {
        pids_[worker] = fork_child("a worker", [&] {
            links_ = {};
            deaths_.reset();
            return WorkerProcess(workforce_, works_, options_, worker, supervisor).run();
        });
        return true;
    } catch (const std::system_error& e) {
        errno = e.code().value();
        return false;
    }
}

void Supervisor::wait_for_news() {
    std::array<pollfd, 4> news{{{links_.lifeline.number(), POLLIN, 0},
                                {links_.host.number(), POLLIN, 0},
                                {links_.poke.number(), POLLIN, 0},
                                {deaths_.number(), POLLIN, 0}}};
    if (poll(news.data(), news.size(), poll_timeout()) < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "the supervisor's poll");
    }
    host_is_gone_ = news[0].revents != 0 || news[1].revents != 0;
    signalfd_siginfo ignored;
    while (read(deaths_.number(), &ignored, sizeof ignored) ==
           static_cast<ssize_t>(sizeof ignored)) {
    }
}

int Supervisor::poll_timeout() const {
    if (closing_since_ns_ != 0) {
        return static_cast<int>(closing_look.count());
    }
    const auto interval = watch_.interval();
    return interval ? static_cast<int>(interval->count()) : -1;
}

void Supervisor::reap_all() {
    int wait_status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &wait_status, WNOHANG)) > 0;) {
        reap(pid, wait_status);
        kill_strangers();  // whoever ended may have handed its children to this process
    }
}

void Supervisor::reap(pid_t pid, int wait_status) {
    const auto found = std::ranges::find(pids_, pid);
    if (found == pids_.end()) {
        return;  // a process that a map had started
    }
    *found = 0;
    const auto worker = static_cast<WorkerNumber>(found - pids_.begin());
    const bool was_ready = workforce_.workers[worker].ready.load(std::memory_order_acquire);
    const bool was_late = late_[worker];
    late_[worker] = false;
    if (!was_ready) {
        workforce_.tree.give_reason(
            WIFSIGNALED(wait_status)
                ? "workers die at start-up by signal " + std::to_string(WTERMSIG(wait_status))
                : "workers end at start-up with exit code " +
                      std::to_string(WEXITSTATUS(wait_status)),
            0);
    }
    bury(worker, {pid, wait_status, was_late});
    if (closing_since_ns_ == 0 && !workforce_.closing.load(std::memory_order_acquire)) {
        replace(worker, was_ready);
    }
}

// Rings when all is undone: the dead may have owed a ring to others, or died inside of one.
void Supervisor::bury(WorkerNumber worker, const WorkerDeath& death) noexcept {
    for (Work* const work : works_) {
        work->bury(worker, death);
    }
    workforce_.workers[worker].begin_next_life();
    workforce_.work.ring_after_death();
}

void Supervisor::replace(WorkerNumber worker, bool was_ready) {
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
    const int error = errno;
    workforce_.tree.give_reason("cannot replace worker " + std::to_string(worker) + ": " +
                                    std::generic_category().message(error),
                                error);
    given_up_ = true;
}

void Supervisor::kill_worker(WorkerNumber worker) const noexcept {
    const pid_t pid = pids_[worker];
    if (pid > 0) {
        kill(pid, SIGKILL);  // our own unreaped child: the number cannot be another process's
    }
}

void Supervisor::kill_all_workers() const noexcept {
    for (WorkerNumber worker = 0; worker < workers(); ++worker) {
        kill_worker(worker);
    }
}

void Supervisor::kill_marked() {
    for (WorkerNumber worker = 0; worker < workers(); ++worker) {
        if (std::ranges::any_of(works_, [&](const Work* w) { return w->is_marked(worker); })) {
            kill_worker(worker);
        }
    }
}

void Supervisor::kill_late() {
    if (!watch_.interval()) {
        return;
    }
    for (const WorkerNumber worker : watch_.tick(now_ns())) {
        late_[worker] = true;
        kill_worker(worker);
    }
}

// Children that are not workers were started by a map whose worker has ended.
void Supervisor::kill_strangers() const {
    std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
    for (pid_t child = 0; children >> child;) {
        if (std::ranges::find(pids_, child) == pids_.end()) {
            kill(child, SIGKILL);
        }
    }
}

void Supervisor::close() {
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
void Supervisor::end_everything() {
    kill_all_workers();
    std::ranges::fill(pids_, 0);
    for (;;) {
        kill_strangers();
        int wait_status = 0;
        const pid_t pid = waitpid(-1, &wait_status, WNOHANG);
        if (pid < 0) {
            return;
        }
        if (pid == 0) {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    }
}

void Supervisor::give_up() {
    end_everything();
    workforce_.tree.broken.store(true, std::memory_order_seq_cst);
    workforce_.tree.bell.ring();
    for (Work* const work : works_) {
        work->wake_waiters();
    }
    wait_for_leave();
}

// A supervisor that ends while its host is still starting it may be reaped by a wait for any child
// in another thread, and then the host has no pidfd to know it by.
void Supervisor::wait_for_leave() const {
    std::array<pollfd, 3> leave{{{links_.lifeline.number(), POLLIN, 0},
                                 {links_.host.number(), POLLIN, 0},
                                 {links_.poke.number(), POLLIN, 0}}};
    while (poll(leave.data(), leave.size(), -1) < 0 && errno == EINTR) {
    }
}

}  // namespace pinfold::detail
