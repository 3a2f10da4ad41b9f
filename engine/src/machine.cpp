#include "machine.hpp"

#include <algorithm>
#include <array>
#include <pinfold/affinity/binding.hpp>

#include "process/fork_lock.hpp"

namespace pinfold::detail {

namespace {

// A host whose threads are bound to different CPUs makes pools from some of them in turn.
constexpr std::size_t most_known = 8;

// The latest first; guarded by the ForkLock, so that a child never finds it half-way.
constinit std::array<std::shared_ptr<const Machine>, most_known> known;

}  // namespace

std::shared_ptr<const Machine> this_machine() {
    std::vector<int> mask = affinity::bound_cpus();
    const ForkLock lock;
    const auto found = std::ranges::find_if(
        known, [&](const auto& machine) { return machine == nullptr || machine->mask == mask; });
    const auto place = found != known.end() ? found : std::prev(found);
    if (*place == nullptr || (*place)->mask != mask) {
        affinity::Topology topology = affinity::Topology::this_machine();
        *place = std::make_shared<Machine>(Machine{std::move(mask), std::move(topology)});
    }
    std::rotate(known.begin(), place, std::next(place));
    return known.front();
}

}  // namespace pinfold::detail
