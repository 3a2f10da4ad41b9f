#include "tree/worker_process.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <pinfold/affinity/binding.hpp>
#include <string>

#include "spin.hpp"
#include "tree/fork.hpp"
#include "tree/turns.hpp"

namespace pinfold::detail {

namespace {

// Above the default of 0, so that the kernel's OOM killer takes a worker before its host, and below
// the limit of 1000, so that the maps' own wishes stay in order.
constexpr const char* oom_score = "500";

constexpr int start_up_failed = 70;  // EX_SOFTWARE of sysexits.h

bool is_worker = false;

void become_likely_oom_victim() noexcept {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        // Best effort: a container may forbid it, and the job runs all the same.
        [[maybe_unused]] const auto written =
            write(file, oom_score, std::char_traits<char>::length(oom_score));
        close(file);
    }
}

// The runtimes read their environment variables when they are loaded, long before the fork, so only
// their own calls help. A runtime that is not loaded has none.
void limit_inner_pools() noexcept {
    struct Runtime {
        const char* user_choice;
        const char* set_threads;
    };
    constexpr Runtime runtimes[] = {{"OMP_NUM_THREADS", "omp_set_num_threads"},
                                    {"OPENBLAS_NUM_THREADS", "openblas_set_num_threads"},
                                    {"MKL_NUM_THREADS", "MKL_Set_Num_Threads"}};
    for (const Runtime& runtime : runtimes) {
        void* const call = dlsym(RTLD_DEFAULT, runtime.set_threads);
        if (call != nullptr && std::getenv(runtime.user_choice) == nullptr) {
            reinterpret_cast<void (*)(int)>(call)(1);
        }
    }
}

std::uint64_t private_data_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmData:") {
            std::uint64_t kibibytes = 0;
            status >> kibibytes;
            return kibibytes * 1024;
        }
    }
    return 0;
}

}  // namespace

bool inside_worker_process() noexcept {
    return is_worker;
}

int WorkerProcess::run() {
    is_worker = true;
    if (!start_up()) {
        return start_up_failed;
    }
    starts_before_ = starts();
    Turns turns(works_, worker_, [this] { return had_its_share(); });
    while (!workforce_.closing.load(std::memory_order_acquire)) {
        const std::uint32_t seen = workforce_.work.value();
        const bool did = turns.take_each();
        if (had_its_share()) {
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
    prctl(PR_SET_NAME, ("pinfold:w" + std::to_string(worker_)).c_str());
    become_likely_oom_victim();
    limit_inner_pools();
    try {
        bind();
        if (options_.initializer) {
            options_.initializer();
        }
        limit_memory();
    } catch (const std::exception& e) {
        workforce_.tree.give_reason(std::string("start-up threw: ") + e.what(), 0);
        return false;
    } catch (...) {
        workforce_.tree.give_reason("start-up threw something that is no std::exception", 0);
        return false;
    }
    end_with_supervisor();  // again: a change of credentials in the initializer clears it
    party_.ready.store(true, std::memory_order_release);
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
        affinity::bind_this_thread(cpu);
    }
}

void WorkerProcess::limit_memory() const {
    if (options_.worker_memory_limit != 0) {
        // What has no room in a number is no limit, and the host's own limit is never raised.
        const rlim_t inherited = private_data_bytes();
        const rlim_t added =
            std::min<rlim_t>(options_.worker_memory_limit, RLIM_INFINITY - inherited);
        rlimit now{};
        if (getrlimit(RLIMIT_DATA, &now) != 0) {
            throw std::system_error(errno, std::generic_category(), "worker_memory_limit");
        }
        const rlim_t limit = inherited + added;
        const rlimit both{std::min(limit, now.rlim_cur), std::min(limit, now.rlim_max)};
        if (setrlimit(RLIMIT_DATA, &both) != 0) {
            throw std::system_error(errno, std::generic_category(), "worker_memory_limit");
        }
    }
}

std::uint64_t WorkerProcess::starts() const noexcept {
    std::uint64_t sum = 0;
    for (const Work* const work : works_) {
        sum += work->starts_of(worker_);
    }
    return sum;
}

bool WorkerProcess::had_its_share() const noexcept {
    return options_.max_chunks_per_worker != 0 &&
           starts() - starts_before_ >= options_.max_chunks_per_worker;
}

void WorkerProcess::wait_for_work(std::uint32_t seen) const {
    // What maps printed appears when the job ends, not when the pool does.
    std::cout.flush();
    std::fflush(stdout);
    if (options_.may_spin) {
        spin_until([&] { return workforce_.work.value() != seen; });
    }
    workforce_.work.wait(seen, std::chrono::nanoseconds(-1));
}

}  // namespace pinfold::detail
