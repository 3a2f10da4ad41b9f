#include "nodes/worker_nodes.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <tuple>

namespace pinfold::detail {

namespace {

using affinity::NumaNode;
using affinity::Topology;

constexpr auto unknown_distance = std::numeric_limits<std::uint64_t>::max();

std::uint64_t distance_between(const Topology& topology, int from, int to) {
    const std::span<const NumaNode> all = topology.numa_nodes();
    const NumaNode* const near = topology.find_numa_node(from);
    const auto far = std::ranges::find(all, to, &NumaNode::os_index);
    if (near == nullptr || far == all.end() || near->distances.size() != all.size()) {
        return unknown_distance;
    }
    return near->distances[static_cast<std::size_t>(far - all.begin())];
}

/// The node itself if it has memory, else the nearest that has, of those whose distance is known. A
/// machine that tells no sizes has memory everywhere.
int memory_near(const Topology& topology, int node) {
    const NumaNode* const own = topology.find_numa_node(node);
    const auto has_memory = [](const NumaNode& n) { return n.bytes != 0; };
    if (own == nullptr) {
        return no_node;
    }
    if (has_memory(*own) || std::ranges::none_of(topology.numa_nodes(), has_memory)) {
        return node;
    }
    int nearest = no_node;
    std::uint64_t least = unknown_distance;
    for (const NumaNode& other : topology.numa_nodes()) {
        const std::uint64_t distance = distance_between(topology, node, other.os_index);
        if (has_memory(other) && distance < least) {
            nearest = other.os_index;
            least = distance;
        }
    }
    return nearest;
}

/// The nodes with their workers, without cursors.
std::vector<WorkerNode> nodes_with_shares(const std::map<int, std::uint32_t>& workers,
                                          const Topology& topology, std::uint32_t all) {
    std::vector<WorkerNode> nodes;
    std::uint32_t before = 0;
    for (const auto& [node, own] : workers) {
        nodes.push_back({.node = node,
                         .memory = memory_near(topology, node),
                         .share = {before, own, all},
                         .cursor = 0});
        before += own;
    }
    return nodes;
}

/// Nodes beyond the number of cursors share one with their neighbours by number.
void deal_cursors(WorkerNodes& all) {
    const auto count = static_cast<std::uint32_t>(all.nodes.size());
    all.cursors.count = std::min<std::uint32_t>(count, max_cursors);
    std::ranges::for_each(all.cursors.shares, [](Share& share) { share.own = 0; });
    for (std::uint32_t i = 0; i < count; ++i) {
        WorkerNode& node = all.nodes[i];
        node.cursor = i * all.cursors.count / count;
        Share& share = all.cursors.shares[node.cursor];
        share.before = share.own == 0 ? node.share.before : share.before;
        share.own += node.share.own;
        share.all = node.share.all;
    }
}

/// A cursor is as near as the nearest of its nodes. Among equals the next one comes first, so that
/// the workers of different nodes go to different ones.
std::array<std::uint8_t, max_cursors> order_from(const WorkerNodes& all, const Topology& topology,
                                                 std::uint32_t own) {
    const std::uint32_t count = all.cursors.count;
    std::vector<std::tuple<std::uint64_t, std::uint32_t, std::uint8_t>> others;
    for (std::uint32_t k = 0; k < count; ++k) {
        const std::uint32_t other = (own + k) % count;
        std::uint64_t nearest = k == 0 ? 0 : unknown_distance;
        for (const WorkerNode& from : all.nodes) {
            for (const WorkerNode& to : all.nodes) {
                if (k != 0 && from.cursor == own && to.cursor == other) {
                    nearest = std::min(nearest, distance_between(topology, from.node, to.node));
                }
            }
        }
        others.emplace_back(nearest, k, static_cast<std::uint8_t>(other));
    }
    std::ranges::sort(others);
    std::array<std::uint8_t, max_cursors> order{};
    std::ranges::transform(others, order.begin(), [](const auto& o) { return std::get<2>(o); });
    return order;
}

}  // namespace

std::vector<int> WorkerNodes::memories() const {
    std::vector<int> found;
    for (const WorkerNode& node : nodes) {
        if (node.memory != no_node) {
            found.push_back(node.memory);
        }
    }
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

WorkerNodes worker_nodes(const std::vector<affinity::Placement>& placements,
                         const affinity::Topology& topology) {
    std::map<int, std::uint32_t> workers;
    for (const affinity::Placement& placement : placements) {
        ++workers[placement.numa_node];
    }
    WorkerNodes all;
    all.nodes = nodes_with_shares(workers, topology, static_cast<std::uint32_t>(placements.size()));
    for (const affinity::Placement& placement : placements) {
        const auto place = std::distance(workers.begin(), workers.find(placement.numa_node));
        all.of_workers.push_back(static_cast<std::uint32_t>(place));
    }
    deal_cursors(all);
    for (std::uint32_t own = 0; own < all.cursors.count; ++own) {
        all.cursors.order[own] = order_from(all, topology, own);
    }
    return all;
}

std::vector<PageRun> spread_pages(std::size_t bytes, std::size_t page_bytes,
                                  const std::vector<WorkerNode>& nodes) {
    const std::size_t pages = bytes / page_bytes + (bytes % page_bytes != 0 ? 1 : 0);
    const auto border = [&](std::uint64_t at) {
        return std::min(pages, (static_cast<std::size_t>(at) + page_bytes / 2) / page_bytes) *
               page_bytes;
    };
    std::vector<PageRun> runs;
    for (const WorkerNode& node : nodes) {
        const bool is_last = node.share.before + node.share.own == node.share.all;
        const PageRun run{border(node.share.first_of(bytes)),
                          is_last ? pages * page_bytes : border(node.share.last_of(bytes)),
                          node.memory};
        if (run.first == run.last || run.node == no_node) {
            continue;
        }
        if (!runs.empty() && runs.back().node == run.node && runs.back().last == run.first) {
            runs.back().last = run.last;
        } else {
            runs.push_back(run);
        }
    }
    return runs;
}

}  // namespace pinfold::detail
