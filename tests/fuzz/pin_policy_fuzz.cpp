#include <pinfold/affinity/pin_policy.hpp>

#include "fuzz_target.hpp"
#include "machine_laws.hpp"

namespace pinfold::fuzz {
namespace {

using affinity::PinPolicy;
using Kind = PinPolicy::Kind;

const affinity::Topology& machine() {
    static const auto made = affinity::Topology::synthetic("[numa] pack:2 l3:2 core:2 pu:2");
    return made;
}

void check_accepted(const PinPolicy& policy) {
    require(affinity::parse_pin_policy(to_string(policy)) == policy,
            "a printed policy reads as itself");
    require(policy.cpus.empty() == (policy.kind != Kind::list),
            "a list, and only a list, has CPUs");
    require(!policy.numa_node || (policy.kind != Kind::list && policy.kind != Kind::none),
            "neither a list nor none keeps to a node");
    const auto placements = accepted([&] { return place(machine(), policy, 17); });
    if (placements) {
        require(placements->size() == 17, "each worker has a placement");
        check_placements(machine(), policy, *placements);
    }
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    const auto policy =
        accepted([&] { return pinfold::affinity::parse_pin_policy(as_text(data, size)); });
    if (policy) {
        check_accepted(*policy);
    }
    return 0;
}
