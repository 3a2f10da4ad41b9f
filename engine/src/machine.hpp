#pragma once

#include <pinfold/affinity/topology.hpp>
#include <pinfold/affinity/usable_cpus.hpp>

namespace pinfold::detail {

/// The machine that this process runs on.
struct Machine {
    affinity::Topology topology;
    affinity::UsableCpus usable;
};

/// Reads the machine at the first call, which takes some milliseconds, and keeps it: hot-plugged
/// CPUs and a later change of the process's own CPU mask are not seen. Thread-safe.
[[nodiscard]] const Machine& this_machine();

}  // namespace pinfold::detail
