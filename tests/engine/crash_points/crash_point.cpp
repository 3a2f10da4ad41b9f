#include "crash_point.hpp"

#include <sys/prctl.h>

#include <array>
#include <string>
#include <utility>

#include "crash_point_of.hpp"
#include "reached.hpp"
#include "tree/worker_process.hpp"

namespace pinfold::testing {
namespace {

CrashPointOf<detail::Step> the_crash_point;

/// The calling worker's number, which its name ends with.
int worker_number() {
    static const std::string prefix = "pinfold:w";
    std::array<char, 16> name{};
    prctl(PR_GET_NAME, name.data());
    return std::stoi(std::string(name.data()).substr(prefix.size()));
}

// Burials and hosts pass some steps too; they are not meant.
bool may_die(int worker) {
    return detail::inside_worker_process() && (worker == any_worker || worker == worker_number());
}

}  // namespace

void arm_crash_point(detail::Step step, int passing, int worker) {
    the_crash_point.arm(step, passing, worker);
}

void disarm_crash_point() {
    the_crash_point.disarm();
}

bool crash_point_struck() {
    return the_crash_point.has_struck();
}

void at_each_step_of_this_thread(std::function<void(detail::Step)> hook) {
    the_crash_point.hook_this_thread(std::move(hook));
}

}  // namespace pinfold::testing

namespace pinfold::detail {

void reached(Step step) noexcept {
    testing::the_crash_point.pass(step, testing::may_die);
}

}  // namespace pinfold::detail
