#pragma once

#include <pinfold/affinity/place.hpp>
#include <pinfold/affinity/topology.hpp>

namespace pinfold::fuzz {

/// Requires what place() and its callers take for granted of any machine.
void check_machine(const affinity::Topology& machine);

/// Requires that each placement is a CPU of the machine, or bound to nothing where the policy says
/// so.
void check_placements(const affinity::Topology& machine, const affinity::PinPolicy& policy,
                      const std::vector<affinity::Placement>& placements);

}  // namespace pinfold::fuzz
