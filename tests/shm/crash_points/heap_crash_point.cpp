#include "heap_crash_point.hpp"

#include <unistd.h>

#include <utility>

#include "crash_point_of.hpp"
#include "reached_heap_step.hpp"

namespace pinfold::shm::testing {
namespace {

pinfold::testing::CrashPointOf<detail::HeapStep> the_crash_point;

std::function<bool()> may_this_process_die;

bool may_die(pid_t spared) {
    return may_this_process_die ? may_this_process_die() : getpid() != spared;
}

}  // namespace

void arm_heap_crash_point(detail::HeapStep step, int passing, std::function<bool()> may_die) {
    may_this_process_die = std::move(may_die);
    the_crash_point.arm(step, passing, getpid());
}

void disarm_heap_crash_point() {
    the_crash_point.disarm();
}

bool heap_crash_point_struck() {
    return the_crash_point.has_struck();
}

void at_each_heap_step_of_this_thread(std::function<void(detail::HeapStep)> hook) {
    the_crash_point.hook_this_thread(std::move(hook));
}

}  // namespace pinfold::shm::testing

namespace pinfold::shm::detail {

void reached(HeapStep step) noexcept {
    testing::the_crash_point.pass(step, testing::may_die);
}

}  // namespace pinfold::shm::detail
