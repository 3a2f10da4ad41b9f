#include "party_crash_point.hpp"

#include <unistd.h>

#include "crash_point_of.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm::testing {
namespace {

pinfold::testing::CrashPointOf<detail::PartyStep> the_party_crash_point;

}  // namespace

void arm_party_crash_point(detail::PartyStep step, int passing) {
    the_party_crash_point.arm(step, passing, getpid());
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

}  // namespace pinfold::shm::detail
