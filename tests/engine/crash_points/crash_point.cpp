#include "crash_point.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "reached.hpp"
#include "tree/worker_process.hpp"

namespace pinfold::testing {
namespace {

struct CrashPoint {
    std::atomic<int> step{-1};
    std::atomic<int> worker{any_worker};
    std::atomic<int> passings_left{0};
    std::atomic<bool> struck{false};
};

CrashPoint& make_shared_crash_point() {
    void* const page = mmap(nullptr, sizeof(CrashPoint), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(), "mmap");
    }
    return *new (page) CrashPoint;
}

// Mapped before main() and so before any pool forks.
CrashPoint& the_crash_point = make_shared_crash_point();

thread_local std::function<void(detail::Step)> hook_of_this_thread;

/// The calling worker's number, which its name ends with.
int worker_number() {
    static const std::string prefix = "pinfold:w";
    std::array<char, 16> name{};
    prctl(PR_GET_NAME, name.data());
    return std::stoi(std::string(name.data()).substr(prefix.size()));
}

}  // namespace

void arm_crash_point(detail::Step step, int passing, int worker) {
    disarm_crash_point();
    the_crash_point.worker = worker;
    the_crash_point.passings_left = passing;
    the_crash_point.struck = false;
    the_crash_point.step = static_cast<int>(step);
}

void disarm_crash_point() {
    the_crash_point.step = -1;
}

bool crash_point_struck() {
    return the_crash_point.struck;
}

void at_each_step_of_this_thread(std::function<void(detail::Step)> hook) {
    hook_of_this_thread = std::move(hook);
}

}  // namespace pinfold::testing

namespace pinfold::detail {

// Burials and hosts pass some steps too; they are not meant.
void reached(Step step) noexcept {
    if (testing::hook_of_this_thread) {
        testing::hook_of_this_thread(step);
    }
    testing::CrashPoint& point = testing::the_crash_point;
    if (point.step != static_cast<int>(step) || !inside_worker_process()) {
        return;
    }
    if (point.worker != testing::any_worker && point.worker != testing::worker_number()) {
        return;
    }
    if (point.passings_left.fetch_sub(1) == 1) {
        point.struck = true;
        kill(getpid(), SIGKILL);
    }
}

}  // namespace pinfold::detail
