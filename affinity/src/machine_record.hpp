#pragma once

#include <string>
#include <string_view>

namespace pinfold::affinity {

// Checks descriptions of machines before hwloc sees them, since hwloc trusts them: it crashes on
// records that lack a set or hold a node twice, and takes minutes for a machine of 10^5 CPUs.

/// Throws std::invalid_argument that names the line unless `xml` is a record of hwloc 2 whose
/// objects have all their sets and numbers within Linux's limits. What passes may still be refused
/// by hwloc.
void check_machine_record(std::string_view xml);

/// Throws std::invalid_argument when the synthetic description has more than max_cpu + 1 CPUs.
void check_synthetic_size(std::string_view description);

}  // namespace pinfold::affinity
