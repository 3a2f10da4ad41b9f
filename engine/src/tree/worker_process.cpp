#include "tree/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "caught.hpp"
#include "handover.hpp"
#include "note_binding.hpp"
#include "process/fork.hpp"
#include "process/output.hpp"
#include "process/proc_text.hpp"
#include "spin.hpp"
#include "tree/turns.hpp"
#include "tree/worker_name.hpp"

namespace pinfold::detail {

namespace {

// Above the default of 0, so that the kernel's OOM killer takes a worker before its host, and below
// the limit of 1000, so that the maps' own wishes stay in order.
constexpr const char* oom_score = "500";

WorkerHere this_process;

void become_likely_oom_victim() noexcept {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        // Best effort: a container may forbid it, and the job runs all the same.
        [[maybe_unused]] const auto written =
            write(file, oom_score, std::char_traits<char>::length(oom_score));
        close(file);
    }
}

/// The size of the process's private data, or 0 where /proc does not say it.
std::uint64_t private_data_bytes() noexcept {
    const auto kib = ProcText("/proc/self/status").field("VmData:").value_or(0);
    return static_cast<std::uint64_t>(kib) * 1024;
}

}  // namespace

bool inside_worker_process() noexcept {
    return this_process.party != nullptr;
}

WorkerHere worker_of_this_process() noexcept {
    return this_process;
}

int WorkerProcess::run() {
    this_process = {&party_, worker_};
    if (options_.estate != nullptr) {
        options_.estate->enter(worker_);
    }
    starts_before_ = starts();
    if (workforce_.closing.load(std::memory_order_acquire)) {
        return EXIT_SUCCESS;
    }
    if (!start_up()) {
        return child_failed;
    }
    Turns turns(works_, worker_, [this] { return is_to_end(); });
    while (!workforce_.closing.load(std::memory_order_acquire)) {
        const std::uint32_t seen = workforce_.work.value();
        party_.heard.store(seen, std::memory_order_release);
        note_binding(party_);
        shm::let_go_of_closed_files();
        const bool did = turns.take_each();
        if (is_to_end()) {
            return EXIT_SUCCESS;
        }
        if (!did && !workforce_.closing.load(std::memory_order_acquire)) {
            wait_for_work(seen);
        }
    }
    return EXIT_SUCCESS;
}

bool WorkerProcess::start_up() {
    // By itself: it could end a job before its parent is back from the fork.
    party_.pid.store(getpid(), std::memory_order_relaxed);
    end_with_supervisor();
    prctl(PR_SET_NAME, WorkerName(worker_).c_str());
    become_likely_oom_victim();
    options_.inner_pools.limit();
    try {
        bind();
        party_.stage.store(shm::Party::Stage::initializing, std::memory_order_release);
        if (options_.initializer) {
            options_.initializer();
        }
        limit_memory();
    } catch (...) {
        const Caught caught;
        const bool is_std = caught.is_std_exception();
        workforce_.tree.give_reason(0, {"start-up threw: ", is_std ? "" : caught.type(),
                                        is_std ? "" : ": ", caught.text()});
        return false;
    }
    end_with_supervisor();  // again: a change of credentials clears it
    party_.stage.store(shm::Party::Stage::ready, std::memory_order_release);
    workforce_.tree.ready.fetch_add(1, std::memory_order_release);
    workforce_.tree.bell.ring();
    return true;
}

void WorkerProcess::end_with_supervisor() const {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor_) {
        _exit(EXIT_FAILURE);  // it died before the signal was armed
    }
}

void WorkerProcess::bind() const {
    const int cpu = party_.cpu.load(std::memory_order_relaxed);
    if (cpu >= 0) {
        affinity::bind_this_thread_if_there(cpu);
        note_binding(party_);
    }
}

void WorkerProcess::limit_memory() const {
    if (options_.worker_memory_limit == 0) {
        return;
    }
    const rlim_t used = private_data_bytes();
    if (used == 0) {
        throw std::runtime_error("worker_memory_limit needs /proc/self/status");
    }
    rlimit now{};
    if (getrlimit(RLIMIT_DATA, &now) != 0) {
        throw std::system_error(errno, std::generic_category(), "worker_memory_limit");
    }
    // What has no room in a number is no limit, and the host's own limit is never raised.
    const rlim_t limit =
        used + std::min<rlim_t>(options_.worker_memory_limit, RLIM_INFINITY - used);
    const rlimit both{std::min(limit, now.rlim_cur), std::min(limit, now.rlim_max)};
    if (setrlimit(RLIMIT_DATA, &both) != 0) {
        throw std::system_error(errno, std::generic_category(), "worker_memory_limit");
    }
}

std::uint64_t WorkerProcess::starts() const noexcept {
    return starts_of(works_, worker_);
}

bool WorkerProcess::is_to_end() const noexcept {
    return had_its_share() || std::ranges::any_of(works_, [this](const Work* work) {
               return work->is_spent(worker_);
           });
}

bool WorkerProcess::had_its_share() const noexcept {
    return options_.max_chunks_per_worker != 0 &&
           starts() - starts_before_ >= options_.max_chunks_per_worker;
}

void WorkerProcess::wait_for_work(std::uint32_t seen) {
    if (has_run_users_code()) {
        flush_standard_output();  // what maps printed appears when the job ends, not with the pool
    }
    const auto is_called = [&] { return workforce_.work.value() != seen; };
    if (was_called_ && options_.spinners == Spinners::everybody) {
        spin_until(is_called);
    } else if (was_called_ && options_.spinners == Spinners::workers) {
        yield_until(is_called);
    }
    if (has_run_users_code() && !is_called()) {
        end_with_supervisor();  // again: a map may have changed its credentials
    }
    workforce_.work.wait(seen, std::chrono::nanoseconds(-1));
    was_called_ = true;
}

}  // namespace pinfold::detail
