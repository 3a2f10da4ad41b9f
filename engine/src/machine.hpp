#pragma once

#include <memory>
#include <pinfold/affinity/topology.hpp>
#include <vector>

namespace pinfold::detail {

/// The machine as the calling thread may use it at this moment.
struct Machine {
    std::vector<int> mask;  // the CPUs that the thread may run on
    affinity::Topology topology;
};

/// Reads the CPUs of the calling thread, and the topology when they are others than those of the
/// last calls: some milliseconds then, some microseconds otherwise. CPUs that came, went, or were
/// given to or taken from the thread or its cpuset are seen. Thread-safety: any. Fork: a child may
/// call it, whatever its parent's threads did.
[[nodiscard]] std::shared_ptr<const Machine> this_machine();

}  // namespace pinfold::detail
