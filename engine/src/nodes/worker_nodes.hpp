#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/affinity/place.hpp>
#include <pinfold/affinity/topology.hpp>
#include <vector>

#include "nodes/node_cursors.hpp"

namespace pinfold::detail {

inline constexpr int no_node = -1;  // the machine does not tell, or no memory is to be had

/// A NUMA node that has workers.
struct WorkerNode {
    int node = no_node;        ///< the system's number
    int memory = no_node;      ///< where the pages of its part go: it, or the nearest with memory
    Share share;               ///< of chunks and pages: as many as it has workers of all
    std::uint32_t cursor = 0;  ///< that hands out its chunks; nodes beyond max_cursors share some

    friend bool operator==(const WorkerNode&, const WorkerNode&) = default;
};

/// The nodes on which a pool's workers run, by ascending number.
struct WorkerNodes {
    std::vector<WorkerNode> nodes;
    std::vector<std::uint32_t> of_workers;  ///< by worker: the place of its node in `nodes`
    NodeCursors cursors;

    /// The nodes with memory among which pages can be placed, ascending.
    [[nodiscard]] std::vector<int> memories() const;

    /// Whether there is a choice where a page may lie. If not, the system is asked for nothing.
    [[nodiscard]] bool may_spread() const { return memories().size() > 1; }

    friend bool operator==(const WorkerNodes&, const WorkerNodes&) = default;
};

/// A pure function: equal placements on equal machines give equal nodes. No time and no load is
/// looked at, so neither moves a border.
[[nodiscard]] WorkerNodes worker_nodes(const std::vector<affinity::Placement>& placements,
                                       const affinity::Topology& topology);

/// Bytes [first, last) of a block, and the node where their pages are to lie.
struct PageRun {
    std::size_t first = 0;
    std::size_t last = 0;
    int node = no_node;

    friend bool operator==(const PageRun&, const PageRun&) = default;
};

/// Where the pages of a block of `bytes` go so that each node has those of its own chunks. A pure
/// function: borders are those of the nodes' shares, to the nearest page. A part whose node has no
/// known memory is left out, and neighbours on one node are one run.
[[nodiscard]] std::vector<PageRun> spread_pages(std::size_t bytes, std::size_t page_bytes,
                                                const std::vector<WorkerNode>& nodes);

}  // namespace pinfold::detail
