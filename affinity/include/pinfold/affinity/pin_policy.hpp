#pragma once

#include <optional>
#include <pinfold/api.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pinfold::affinity {

/// Which CPUs workers are bound to.
struct PinPolicy {
    enum class Kind {
        cores,    ///< one worker per physical core, the faster cores first, spread over the machine
        compact,  ///< the machine's CPUs in order of locality, SMT siblings side by side
        scatter,  ///< spread over the machine like cores, but fast and slow cores count as equal
        none,     ///< not bound: the system's scheduler decides
        list,     ///< the CPUs of `cpus`, in their order
    };

    Kind kind = Kind::cores;
    std::vector<int> cpus;         ///< for Kind::list
    std::optional<int> numa_node;  ///< only CPUs of this node; for cores, compact and scatter

    friend bool operator==(const PinPolicy&, const PinPolicy&) = default;
};

/// Reads "cores", "compact", "scatter", "none", or a CPU list such as "0,2,4-7". The first three
/// may be followed by "@numa:N", which keeps to NUMA node N, as in "compact@numa:1".
///
/// Throws std::invalid_argument that names the text and lists what is allowed.
[[nodiscard]] PINFOLD_API PinPolicy parse_pin_policy(std::string_view text);

/// The text that parse_pin_policy() reads back as the same policy.
[[nodiscard]] PINFOLD_API std::string to_string(const PinPolicy& policy);

}  // namespace pinfold::affinity
