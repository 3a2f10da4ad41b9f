#pragma once

#include <vector>

namespace bench {

/// The CPUs to which a pool binds this many workers by default. Ask before you bind the caller: its
/// own CPUs are the machine that is looked at.
[[nodiscard]] std::vector<int> worker_cpus(int workers);

}  // namespace bench
