#include "machine.hpp"

namespace pinfold::detail {

const Machine& this_machine() {
    static const Machine machine = [] {
        affinity::Topology topology = affinity::Topology::this_machine();
        affinity::UsableCpus usable = affinity::usable_cpus(topology);
        return Machine{std::move(topology), std::move(usable)};
    }();
    return machine;
}

}  // namespace pinfold::detail
