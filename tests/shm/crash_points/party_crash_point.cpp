#include "party_crash_point.hpp"

#include <signal.h>
#include <unistd.h>

#include "crash_point_of.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm::testing {
namespace {

pinfold::testing::CrashPointOf<detail::PartyStep> the_party_crash_point;
bool sleepers_look_again = false;

}  // namespace

void arm_party_crash_point(detail::PartyStep step, int passing) {
    the_party_crash_point.arm(step, passing, getpid());
}

void arm_party_stop_point(detail::PartyStep step, int passing) {
    the_party_crash_point.arm(step, passing, getpid(), SIGSTOP);
}

void let_sleepers_look_again() {
    sleepers_look_again = true;
}

void disarm_party_crash_point() {
    the_party_crash_point.disarm();
}

bool party_crash_point_struck() {
    return the_party_crash_point.has_struck();
}

}  // namespace pinfold::shm::testing

namespace pinfold::shm::detail {

void reached(PartyStep step) noexcept {
    testing::the_party_crash_point.pass(step, [](int spared) { return getpid() != spared; });
}

bool sleeps_in_slices() noexcept {
    return testing::sleepers_look_again;
}

}  // namespace pinfold::shm::detail
