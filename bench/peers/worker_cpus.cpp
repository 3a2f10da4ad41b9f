#include "peers/worker_cpus.hpp"

#include <pinfold/affinity/place.hpp>
#include <pinfold/affinity/topology.hpp>

namespace bench {

std::vector<int> worker_cpus(int workers) {
    using namespace pinfold::affinity;
    std::vector<int> cpus;
    for (const Placement& placement : place(Topology::this_machine(), PinPolicy{}, workers)) {
        cpus.push_back(placement.cpu);
    }
    return cpus;
}

}  // namespace bench
