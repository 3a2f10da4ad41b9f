#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <pinfold/affinity/place.hpp>

#include "error_text.hpp"

namespace pinfold::affinity {
namespace {

using test::names;
using test::refusal;
using List = std::vector<int>;

Topology recorded(const std::string& name) {
    return Topology::from_xml(PINFOLD_TOPOLOGIES "/" + name + ".xml");
}

List cpus_of(const Topology& topology, const std::string& policy, int workers) {
    List cpus;
    std::ranges::transform(place(topology, parse_pin_policy(policy), workers),
                           std::back_inserter(cpus), &Placement::cpu);
    return cpus;
}

const Topology& two_packages() {
    static const auto topology = Topology::synthetic("pack:2 l3:2 core:2 pu:2");
    return topology;
}

TEST(Place, CoresSpreadOverPackagesThenCachesBeforeAnySibling) {
    EXPECT_EQ(cpus_of(two_packages(), "cores", 8), (List{0, 8, 4, 12, 2, 10, 6, 14}));
    EXPECT_EQ(cpus_of(two_packages(), "cores", 12), (List{0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13}));
}

TEST(Place, CompactFillsACoreThenACacheThenAPackage) {
    EXPECT_EQ(cpus_of(two_packages(), "compact", 6), (List{0, 1, 2, 3, 4, 5}));
    // SMT siblings are numbered 16 apart on this machine.
    EXPECT_EQ(cpus_of(recorded("32em64t-2n8c2t-pci-noio"), "compact", 5), (List{0, 16, 1, 17, 2}));
}

TEST(Place, MoreWorkersThanCpusWrapRound) {
    const auto topology = Topology::synthetic("core:2 pu:2");
    EXPECT_EQ(cpus_of(topology, "cores", 6), (List{0, 2, 1, 3, 0, 2}));
    EXPECT_EQ(cpus_of(topology, "3,1", 5), (List{3, 1, 3, 1, 3}));
}

TEST(Place, NoneBindsNothing) {
    for (const auto& placement : place(two_packages(), parse_pin_policy("none"), 3)) {
        EXPECT_EQ(placement, Placement{});
    }
}

TEST(Place, AListKeepsItsOrder) {
    EXPECT_EQ(cpus_of(two_packages(), "9,3,0-1", 4), (List{9, 3, 0, 1}));
}

TEST(Place, ASlotTellsAllOfItsPlace) {
    const auto placements = place(two_packages(), parse_pin_policy("14"), 1);
    EXPECT_EQ(placements[0],
              (Placement{.cpu = 14, .core = 7, .l3 = 3, .package = 1, .numa_node = 0}));
}

TEST(Place, CoresTakeTheFasterKindFirstAndScatterDoesNot) {
    std::vector<Pu> pus;
    for (int cpu = 0; cpu < 8; ++cpu) {
        // Two caches of four cores; the faster kind sits in the second.
        pus.push_back({.os_index = cpu, .core = cpu, .l3 = cpu / 4, .kind = cpu / 4});
    }
    const Topology topology(pus, {});
    EXPECT_EQ(cpus_of(topology, "cores", 6), (List{4, 5, 6, 7, 0, 1}));
    EXPECT_EQ(cpus_of(topology, "scatter", 6), (List{0, 4, 1, 5, 2, 6}));
}

TEST(Place, AFastCoresSiblingWaitsForTheSlowCores) {
    // As on a desktop with two kinds of core: two fast ones with SMT, two slow ones without.
    const Topology topology({{.os_index = 0, .core = 0, .smt_rank = 0, .kind = 1},
                             {.os_index = 1, .core = 0, .smt_rank = 1, .kind = 1},
                             {.os_index = 2, .core = 1, .smt_rank = 0, .kind = 1},
                             {.os_index = 3, .core = 1, .smt_rank = 1, .kind = 1},
                             {.os_index = 4, .core = 2},
                             {.os_index = 5, .core = 3}},
                            {});
    EXPECT_EQ(cpus_of(topology, "cores", 6), (List{0, 2, 4, 5, 1, 3}));
}

TEST(Place, ThreeKindsOfPuWithinCores) {
    EXPECT_EQ(cpus_of(recorded("fakecpukinds"), "cores", 4), (List{3, 2, 0, 1}));
}

TEST(Place, SpreadsOverNodesThatHoldPackages) {
    EXPECT_EQ(cpus_of(recorded("96em64t-4n4d3ca2co-pci"), "cores", 10),
              (List{0, 24, 48, 72, 1, 25, 49, 73, 2, 26}));
}

TEST(Place, SpreadsOverPackagesThatHoldNodes) {
    EXPECT_EQ(cpus_of(Topology::synthetic("pack:2 numa:2 core:2 pu:1"), "cores", 6),
              (List{0, 4, 2, 6, 1, 5}));
}

TEST(Place, MachineWithoutCoreObjects) {
    EXPECT_EQ(cpus_of(recorded("8intel64-4n2t-memattrs"), "cores", 8),
              (List{0, 2, 4, 6, 1, 3, 5, 7}));
}

TEST(Place, MachineWithOfflineCpus) {
    EXPECT_EQ(cpus_of(recorded("16em64t-4s2c2t-offlines"), "cores", 8),
              (List{0, 1, 6, 3, 4, 15, 12, 0}));
}

TEST(Place, MachineWithDisallowedCpus) {
    EXPECT_EQ(cpus_of(recorded("16amd64-8n2c-cpusets"), "cores", 10),
              (List{0, 2, 5, 6, 12, 3, 14, 1, 13, 15}));
}

TEST(Place, ANodeRestrictsEveryOrderPolicy) {
    const auto topology = recorded("32em64t-2n8c2t-pci-noio");
    for (const std::string policy : {"cores", "compact", "scatter"}) {
        for (const auto& placement : place(topology, parse_pin_policy(policy + "@numa:1"), 20)) {
            EXPECT_EQ(topology.find_pu(placement.cpu)->numa_node, 1);
            EXPECT_EQ(placement.numa_node, 1);
        }
    }
}

TEST(Place, ANodeOfFastMemoryIsTheSlotsNode) {
    const auto placements =
        place(recorded("64intel64-fakeKNL-SNC4-hybrid"), parse_pin_policy("cores@numa:4"), 4);
    for (int worker = 0; worker < 4; ++worker) {
        EXPECT_EQ(placements[static_cast<std::size_t>(worker)].cpu, 4 + worker);
        EXPECT_EQ(placements[static_cast<std::size_t>(worker)].numa_node, 4);
    }
}

TEST(Place, NamesANodeWithoutCpusAndThoseThatHaveSome) {
    const auto topology = recorded("16amd64-8n2c-cpusets");
    const auto place_at = [&](const std::string& policy) {
        return refusal([&] { (void)place(topology, parse_pin_policy(policy), 1); });
    };
    EXPECT_TRUE(names(place_at("cores@numa:5"), "NUMA node 5 has no usable CPU"));
    EXPECT_TRUE(names(place_at("cores@numa:5"), "1-3"));
    EXPECT_TRUE(names(place_at("compact@numa:0"), "NUMA node 0 does not exist"));
}

TEST(Place, NamesACpuOutsideOfTheMachine) {
    const auto text = refusal([] { (void)place(two_packages(), parse_pin_policy("0,16"), 1); });
    EXPECT_TRUE(names(text, "CPU 16"));
    EXPECT_TRUE(names(text, "0-15"));
}

TEST(Place, NamesANumberOfWorkersOutsideTheLimit) {
    for (const int workers : {0, -1, 1025, 1000000000}) {
        for (const std::string policy : {"cores", "none"}) {
            const auto text =
                refusal([&] { (void)place(two_packages(), parse_pin_policy(policy), workers); });
            EXPECT_TRUE(names(text, std::to_string(workers)));
            EXPECT_TRUE(names(text, "1..1024"));
        }
    }
}

TEST(Place, RefusesPoliciesThatContradictThemselves) {
    using Kind = PinPolicy::Kind;
    const auto place_by = [](const PinPolicy& policy) {
        return refusal([&] { (void)place(two_packages(), policy, 1); });
    };
    EXPECT_TRUE(names(place_by({.kind = Kind::none, .cpus = {}, .numa_node = 0}), "none@numa:0"));
    EXPECT_TRUE(names(place_by({.kind = Kind::list, .cpus = {1}, .numa_node = 0}), "1@numa:0"));
    EXPECT_TRUE(names(place_by({.kind = Kind::list, .cpus = {}, .numa_node = {}}), "empty"));
}

}  // namespace
}  // namespace pinfold::affinity
