// Laws of place() that hold on every machine, tried on random synthetic ones and on machines with
// random holes and core kinds.

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <map>
#include <pinfold/affinity/place.hpp>
#include <set>

namespace pinfold::affinity {
namespace {

using Kind = PinPolicy::Kind;

/// A machine of random shape, of whose PUs a random part is usable, with up to three core kinds.
Topology random_machine() {
    const auto size = [](int limit) { return *rc::gen::inRange(1, limit); };
    const bool nodes_hold_packages = *rc::gen::arbitrary<bool>();
    const int l3s = size(4);
    const int cores = size(5);
    const int siblings = size(4);
    const auto outer = std::to_string(size(4));
    const auto inner = std::to_string(size(4));
    const auto whole =
        Topology::synthetic((nodes_hold_packages ? "numa:" + outer + " pack:" + inner
                                                 : "pack:" + outer + " numa:" + inner) +
                            " l3:" + std::to_string(l3s) + " core:" + std::to_string(cores) +
                            " pu:" + std::to_string(siblings));
    std::vector<Pu> pus(whole.pus().begin(), whole.pus().end());
    const auto keep =
        *rc::gen::container<std::vector<bool>>(pus.size(), rc::gen::arbitrary<bool>());
    const auto kinds = *rc::gen::container<std::vector<int>>(pus.size(), rc::gen::inRange(0, 3));
    std::vector<Pu> kept;
    std::map<int, int> ranks;
    for (std::size_t index = 0; index < pus.size(); ++index) {
        if (keep[index] || index == 0) {
            pus[index].kind = kinds[static_cast<std::size_t>(pus[index].core)];
            pus[index].smt_rank = ranks[pus[index].core]++;
            kept.push_back(pus[index]);
        }
    }
    return Topology(kept, {whole.numa_nodes().begin(), whole.numa_nodes().end()});
}

PinPolicy random_policy() {
    return {.kind = *rc::gen::element(Kind::cores, Kind::compact, Kind::scatter),
            .cpus = {},
            .numa_node = {}};
}

/// How many workers each part has; `of` picks the part.
std::map<int, int> crowd(const std::vector<Placement>& placements, int Placement::*of) {
    std::map<int, int> workers;
    for (const auto& placement : placements) {
        ++workers[placement.*of];
    }
    return workers;
}

RC_GTEST_PROP(PlaceLaws, EverySlotIsAUsablePuAndTellsItsPlace, ()) {
    const auto machine = random_machine();
    for (const auto& placement : place(machine, random_policy(), *rc::gen::inRange(1, 300))) {
        const auto* pu = machine.find_pu(placement.cpu);
        RC_ASSERT(pu != nullptr);
        RC_ASSERT(placement ==
                  (Placement{pu->os_index, pu->core, pu->l3, pu->package, pu->numa_node}));
    }
}

RC_GTEST_PROP(PlaceLaws, NoPuHasTwoWorkersMoreThanAnother, ()) {
    const auto machine = random_machine();
    const int workers = *rc::gen::inRange(1, 300);
    const auto per_cpu = crowd(place(machine, random_policy(), workers), &Placement::cpu);
    const int pus = static_cast<int>(machine.pus().size());
    RC_ASSERT(static_cast<int>(per_cpu.size()) == std::min(pus, workers));
    for (const auto& [cpu, count] : per_cpu) {
        RC_ASSERT(count == workers / pus || count == workers / pus + 1);
    }
}

RC_GTEST_PROP(PlaceLaws, ALargerCrewBeginsWithTheSlotsOfASmallerOne, ()) {
    const auto machine = random_machine();
    const auto policy = random_policy();
    const auto large = place(machine, policy, 200);
    const int workers = *rc::gen::inRange(1, 201);
    const auto small = place(machine, policy, workers);
    RC_ASSERT(std::equal(small.begin(), small.end(), large.begin()));
}

RC_GTEST_PROP(PlaceLaws, CoresAndScatterShareNoCoreWhileOneIsFree, ()) {
    const auto machine = random_machine();
    const int workers = *rc::gen::inRange(1, machine.cores() + 1);
    for (const auto kind : {Kind::cores, Kind::scatter}) {
        const auto placements =
            place(machine, {.kind = kind, .cpus = {}, .numa_node = {}}, workers);
        RC_ASSERT(static_cast<int>(crowd(placements, &Placement::core).size()) == workers);
    }
}

RC_GTEST_PROP(PlaceLaws, CoresLeaveNoFasterCoreIdle, ()) {
    const auto machine = random_machine();
    const int workers = *rc::gen::inRange(1, machine.cores() + 1);
    const auto used = crowd(place(machine, {}, workers), &Placement::core);
    int slowest_used = 3;
    int fastest_idle = -1;
    for (const auto& pu : machine.pus()) {
        if (used.contains(pu.core)) {
            slowest_used = std::min(slowest_used, pu.kind);
        } else {
            fastest_idle = std::max(fastest_idle, pu.kind);
        }
    }
    RC_ASSERT(slowest_used >= fastest_idle);
}

RC_GTEST_PROP(PlaceLaws, OnAnEvenMachineEveryLevelIsBalanced, ()) {
    const auto size = [] { return std::to_string(*rc::gen::inRange(1, 5)); };
    const auto machine = Topology::synthetic("pack:" + size() + " numa:" + size() +
                                             " l3:" + size() + " core:" + size() + " pu:2");
    const int workers = *rc::gen::inRange(1, machine.cores() + 1);
    const auto kind = *rc::gen::element(Kind::cores, Kind::scatter);
    const auto placements = place(machine, {.kind = kind, .cpus = {}, .numa_node = {}}, workers);
    for (const auto& [of, member] :
         {std::pair{&Placement::package, &Pu::package},
          std::pair{&Placement::numa_node, &Pu::numa_node}, std::pair{&Placement::l3, &Pu::l3}}) {
        std::set<int> parts;
        for (const auto& pu : machine.pus()) {
            parts.insert(pu.*member);
        }
        const int even = workers / static_cast<int>(parts.size());
        for (const auto& [part, count] : crowd(placements, of)) {
            RC_ASSERT(count == even || count == even + 1);
        }
    }
}

RC_GTEST_PROP(PlaceLaws, CompactTakesNeighbours, ()) {
    const auto machine = random_machine();
    const int workers = *rc::gen::inRange(1, static_cast<int>(machine.pus().size()) + 1);
    const auto placements =
        place(machine, {.kind = Kind::compact, .cpus = {}, .numa_node = {}}, workers);
    for (std::size_t worker = 0; worker < placements.size(); ++worker) {
        RC_ASSERT(placements[worker].cpu == machine.pus()[worker].os_index);
    }
}

}  // namespace
}  // namespace pinfold::affinity
