#include "heap_crash_point.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "reached_heap_step.hpp"

namespace pinfold::shm::testing {
namespace {

struct CrashPoint {
    std::atomic<int> step{-1};
    std::atomic<int> passings_left{0};
    std::atomic<bool> struck{false};
    std::atomic<pid_t> spared{0};
};

CrashPoint& make_shared_crash_point() {
    void* const page = mmap(nullptr, sizeof(CrashPoint), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(), "mmap");
    }
    return *new (page) CrashPoint;
}

// Mapped before main() and so before anything forks.
CrashPoint& the_crash_point = make_shared_crash_point();

std::function<bool()> may_this_process_die;
thread_local std::function<void(detail::HeapStep)> hook_of_this_thread;

bool may_die() {
    return may_this_process_die ? may_this_process_die() : getpid() != the_crash_point.spared;
}

}  // namespace

void arm_heap_crash_point(detail::HeapStep step, int passing, std::function<bool()> may_die) {
    disarm_heap_crash_point();
    may_this_process_die = std::move(may_die);
    the_crash_point.passings_left = passing;
    the_crash_point.struck = false;
    the_crash_point.spared = getpid();
    the_crash_point.step = static_cast<int>(step);
}

void disarm_heap_crash_point() {
    the_crash_point.step = -1;
}

bool heap_crash_point_struck() {
    return the_crash_point.struck;
}

void at_each_heap_step_of_this_thread(std::function<void(detail::HeapStep)> hook) {
    hook_of_this_thread = std::move(hook);
}

}  // namespace pinfold::shm::testing

namespace pinfold::shm::detail {

void reached(HeapStep step) noexcept {
    if (testing::hook_of_this_thread) {
        testing::hook_of_this_thread(step);
    }
    testing::CrashPoint& point = testing::the_crash_point;
    if (point.step != static_cast<int>(step) || !testing::may_die()) {
        return;
    }
    if (point.passings_left.fetch_sub(1) == 1) {
        point.struck = true;
        kill(getpid(), SIGKILL);
    }
}

}  // namespace pinfold::shm::detail
