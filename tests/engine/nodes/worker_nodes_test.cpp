// Where chunks and pages go by node: on recorded machines, on made-up ones, and by laws that hold
// on all of them.

#include "nodes/worker_nodes.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <numeric>
#include <pinfold/affinity/pin_policy.hpp>
#include <string>
#include <vector>

namespace pinfold::detail {
namespace {

using affinity::NumaNode;
using affinity::Placement;
using affinity::Pu;
using affinity::Topology;

constexpr std::size_t page = 4096;
const std::vector<std::string> recordings{"16amd64-8n2c-cpusets",
                                          "16em64t-4s2c2t-offlines",
                                          "32em64t-2n8c2t-pci-noio",
                                          "64intel64-fakeKNL-SNC4-hybrid",
                                          "8intel64-4n2t-memattrs",
                                          "96em64t-4n4d3ca2co-pci",
                                          "fakecpukinds"};

Topology recorded(const std::string& name) {
    return Topology::from_xml(PINFOLD_TOPOLOGIES "/" + name + ".xml");
}

WorkerNodes nodes_on(const Topology& machine, const std::string& pin, int workers) {
    return worker_nodes(affinity::place(machine, affinity::parse_pin_policy(pin), workers),
                        machine);
}

/// Workers on nodes, by number of node.
WorkerNodes nodes_of(const std::vector<int>& of_workers, const Topology& machine) {
    std::vector<Placement> placements;
    for (const int node : of_workers) {
        placements.push_back({.numa_node = node});
    }
    return worker_nodes(placements, machine);
}

/// A machine of such nodes, one CPU each.
Topology machine_of(std::vector<NumaNode> nodes) {
    std::vector<Pu> pus;
    for (NumaNode& node : nodes) {
        pus.push_back(
            {.os_index = node.os_index, .core = node.os_index, .numa_node = node.os_index});
        node.cpus = {node.os_index};
    }
    return Topology(std::move(pus), std::move(nodes));
}

std::vector<int> order_of(const WorkerNodes& all, std::uint32_t own) {
    const auto& order = all.cursors.order[own];
    return {order.begin(), order.begin() + all.cursors.count};
}

void expect_sound(const WorkerNodes& all) {
    std::uint32_t before = 0;
    for (const WorkerNode& node : all.nodes) {
        EXPECT_EQ(node.share.before, before);
        EXPECT_GT(node.share.own, 0U);
        EXPECT_EQ(node.share.own, std::ranges::count_if(all.of_workers, [&](std::uint32_t place) {
                      return &all.nodes[place] == &node;
                  }));
        before += node.share.own;
    }
    EXPECT_EQ(before, all.of_workers.size());
    std::uint32_t dealt = 0;
    for (std::uint32_t k = 0; k < all.cursors.count; ++k) {
        EXPECT_EQ(all.cursors.shares[k].before, dealt);
        dealt += all.cursors.shares[k].own;
        std::vector<int> order = order_of(all, k);
        EXPECT_EQ(order.front(), static_cast<int>(k));
        std::ranges::sort(order);
        std::vector<int> every(all.cursors.count);
        std::iota(every.begin(), every.end(), 0);
        EXPECT_EQ(order, every);
    }
    EXPECT_EQ(dealt, before);
}

/// Each page of a block has at most one node, and a chunk's bytes lie on the node whose cursor
/// hands it out, but for the pages at a border.
void expect_pages_with_chunks(const WorkerNodes& all, std::size_t bytes) {
    const std::vector<PageRun> runs = spread_pages(bytes, page, all.nodes);
    std::size_t end = 0;
    for (const PageRun& run : runs) {
        EXPECT_GE(run.first, end);
        EXPECT_LT(run.first, run.last);
        EXPECT_EQ(run.first % page, 0U);
        EXPECT_EQ(run.last % page, 0U);
        end = run.last;
    }
    EXPECT_LE(end, (bytes + page - 1) / page * page);
    for (const WorkerNode& node : all.nodes) {
        const std::uint64_t first = node.share.first_of(bytes) + page / 2;
        const std::uint64_t last = node.share.last_of(bytes);
        if (node.memory == no_node || last < first + page) {
            continue;
        }
        for (const std::uint64_t at : {first, (first + last) / 2, last - page / 2 - 1}) {
            const auto run = std::ranges::find_if(
                runs, [&](const PageRun& r) { return r.first <= at && at < r.last; });
            ASSERT_NE(run, runs.end()) << at;
            EXPECT_EQ(run->node, node.memory) << at;
        }
    }
}

TEST(WorkerNodes, AreSoundOnEveryRecordedMachine) {
    for (const std::string& name : recordings) {
        const Topology machine = recorded(name);
        for (const char* pin : {"cores", "compact", "scatter", "none"}) {
            for (const int workers : {1, 2, 3, 7, 16, 100}) {
                SCOPED_TRACE(name + ", " + pin + ", " + std::to_string(workers));
                const WorkerNodes all = nodes_on(machine, pin, workers);
                expect_sound(all);
                for (const std::size_t bytes : {std::size_t{1}, page, 100 * page + 17,
                                                std::size_t{1} << 26, (std::size_t{1} << 26) - 1}) {
                    expect_pages_with_chunks(all, bytes);
                }
            }
        }
    }
}

TEST(WorkerNodes, OfTwoEvenNodesHaveHalfEach) {
    const WorkerNodes all = nodes_on(recorded("32em64t-2n8c2t-pci-noio"), "cores", 8);
    EXPECT_EQ(all.nodes, (std::vector<WorkerNode>{{.node = 0, .memory = 0, .share = {0, 4, 8}},
                                                  {1, 1, {4, 4, 8}, 1}}));
    EXPECT_EQ(spread_pages(10 * page, page, all.nodes),
              (std::vector<PageRun>{{0, 5 * page, 0}, {5 * page, 10 * page, 1}}));
    EXPECT_TRUE(all.may_spread());
}

TEST(WorkerNodes, HaveSharesByTheirWorkers) {
    const WorkerNodes all = nodes_on(recorded("32em64t-2n8c2t-pci-noio"), "compact", 20);
    EXPECT_EQ(all.cursors.shares[0], (Share{0, 16, 20}));
    EXPECT_EQ(all.cursors.shares[1], (Share{16, 4, 20}));
    EXPECT_EQ(spread_pages(10 * page, page, all.nodes),
              (std::vector<PageRun>{{0, 8 * page, 0}, {8 * page, 10 * page, 1}}));
}

// The last page of a part goes to whoever has more of it.
TEST(WorkerNodes, RoundBordersToTheNearestPage) {
    const WorkerNodes all = nodes_on(recorded("32em64t-2n8c2t-pci-noio"), "cores", 2);
    EXPECT_EQ(spread_pages(2 * page + page / 2, page, all.nodes),
              (std::vector<PageRun>{{0, page, 0}, {page, 3 * page, 1}}));
    EXPECT_EQ(spread_pages(3 * page + 2, page, all.nodes),
              (std::vector<PageRun>{{0, 2 * page, 0}, {2 * page, 4 * page, 1}}));
    EXPECT_EQ(spread_pages(1, page, all.nodes), (std::vector<PageRun>{{0, page, 1}}));
    EXPECT_EQ(spread_pages(0, page, all.nodes), std::vector<PageRun>{});
}

TEST(WorkerNodes, OfOneNodeAreNotSpread) {
    EXPECT_FALSE(nodes_on(recorded("fakecpukinds"), "cores", 4).may_spread());
    EXPECT_FALSE(nodes_on(recorded("32em64t-2n8c2t-pci-noio"), "cores@numa:1", 4).may_spread());
    EXPECT_FALSE(nodes_on(recorded("32em64t-2n8c2t-pci-noio"), "none", 4).may_spread());
}

// Fast memory beside a node's ordinary one has CPUs, but no worker calls it the nearest.
TEST(WorkerNodes, LeaveFastMemoryToThoseWhoAskForIt) {
    const WorkerNodes all = nodes_on(recorded("64intel64-fakeKNL-SNC4-hybrid"), "cores", 16);
    EXPECT_EQ(all.memories(), (std::vector<int>{0, 1, 2, 3}));
}

// CPUs whose node the cpuset does not allow have no node: their part is left to the system.
TEST(WorkerNodes, LeaveAPartWithoutAKnownNodeToTheSystem) {
    const WorkerNodes all = nodes_on(recorded("16amd64-8n2c-cpusets"), "0,2", 2);
    EXPECT_EQ(all.nodes[0].memory, no_node);
    EXPECT_EQ(spread_pages(10 * page, page, all.nodes),
              (std::vector<PageRun>{{5 * page, 10 * page, 1}}));
    EXPECT_FALSE(all.may_spread());
}

TEST(WorkerNodes, WithoutMemoryTakeThatOfTheNearest) {
    const Topology machine = machine_of({{.os_index = 0, .bytes = 1, .distances = {10, 20, 30}},
                                         {.os_index = 1, .bytes = 0, .distances = {20, 10, 15}},
                                         {.os_index = 2, .bytes = 1, .distances = {30, 15, 10}}});
    const WorkerNodes all = nodes_of({0, 1, 2}, machine);
    EXPECT_EQ(all.memories(), (std::vector<int>{0, 2}));
    EXPECT_EQ(spread_pages(30 * page, page, all.nodes),
              (std::vector<PageRun>{{0, 10 * page, 0}, {10 * page, 30 * page, 2}}));
}

TEST(WorkerNodes, WithoutMemoryAndDistancesAreLeftToTheSystem) {
    const Topology machine = machine_of({{.os_index = 0, .bytes = 1}, {.os_index = 1}});
    EXPECT_EQ(nodes_of({0, 1}, machine).nodes[1].memory, no_node);
}

TEST(WorkerNodes, TakeFromTheNearestNodeFirst) {
    const Topology machine = machine_of({{.os_index = 0, .distances = {10, 30, 20, 30}},
                                         {.os_index = 1, .distances = {30, 10, 30, 20}},
                                         {.os_index = 2, .distances = {20, 30, 10, 30}},
                                         {.os_index = 3, .distances = {30, 20, 30, 10}}});
    const WorkerNodes all = nodes_of({0, 1, 2, 3}, machine);
    EXPECT_EQ(order_of(all, 0), (std::vector<int>{0, 2, 1, 3}));
    EXPECT_EQ(order_of(all, 1), (std::vector<int>{1, 3, 2, 0}));
    EXPECT_EQ(order_of(all, 2), (std::vector<int>{2, 0, 3, 1}));
    EXPECT_EQ(order_of(all, 3), (std::vector<int>{3, 1, 0, 2}));
}

TEST(WorkerNodes, TakeRoundAndRoundWhereDistancesAreAlike) {
    const WorkerNodes all = nodes_on(recorded("96em64t-4n4d3ca2co-pci"), "cores", 48);
    EXPECT_EQ(order_of(all, 2), (std::vector<int>{2, 3, 0, 1}));
}

TEST(WorkerNodes, BeyondTheNumberOfCursorsShareOneWithTheirNeighbours) {
    const WorkerNodes all = nodes_on(Topology::synthetic("numa:20 core:2 pu:1"), "cores", 40);
    expect_sound(all);
    EXPECT_EQ(all.nodes.size(), 20U);
    EXPECT_EQ(all.cursors.count, static_cast<std::uint32_t>(max_cursors));
    EXPECT_EQ(all.nodes[0].cursor, 0U);
    EXPECT_EQ(all.nodes[2].cursor, 0U);
    EXPECT_EQ(all.nodes[3].cursor, 1U);
    EXPECT_EQ(all.nodes[19].cursor, 7U);
    EXPECT_EQ(spread_pages(40 * page, page, all.nodes).size(), 20U) << "pages have no such limit";
}

RC_GTEST_PROP(WorkerNodesLaws, PagesLieWhereTheChunksOfAnySharesAre, ()) {
    const int count = *rc::gen::inRange(1, 30);
    const auto machine = Topology::synthetic("numa:" + std::to_string(count) + " core:3 pu:1");
    const auto of_workers =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-1, count)));
    const WorkerNodes all = nodes_of(of_workers, machine);
    expect_sound(all);
    expect_pages_with_chunks(all, *rc::gen::inRange<std::size_t>(0, std::size_t{1} << 24));
    RC_ASSERT(!::testing::Test::HasFailure());
}

}  // namespace
}  // namespace pinfold::detail
