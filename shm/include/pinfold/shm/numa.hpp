#pragma once

#include <cstddef>
#include <optional>
#include <pinfold/api.hpp>
#include <span>
#include <system_error>
#include <vector>

namespace pinfold::shm {

/// Asks the kernel to keep the whole pages inside [data, data + bytes) on NUMA node `node`, and
/// moves those that are elsewhere. What a full node cannot hold goes to its nearest neighbour; a
/// strict binding would have the process killed instead.
///
/// In an Arena the request belongs to the memory, so it holds for every process that touches it.
///
/// A refusal is returned, not thrown, since a program also runs without: ENOSYS from a kernel
/// without NUMA, EPERM from a container that forbids the call, EINVAL for a node that this machine
/// does not have. Throws std::invalid_argument for a negative node.
/// Run time: a system call, and the time to copy the pages that move. Thread-safety: any.
PINFOLD_API std::error_code bind_to_node(void* data, std::size_t bytes, int node);

/// Asks for the pages inside [data, data + bytes) one after the other from each of `nodes`. Refuses
/// as bind_to_node() does, and moves what is elsewhere. Throws std::invalid_argument for a negative
/// node, and for none.
PINFOLD_API std::error_code interleave(void* data, std::size_t bytes, std::span<const int> nodes);

/// Takes back what was asked for these pages: those that come into memory later lie where the
/// system puts them, mostly on the node of whoever touches them first. None moves.
PINFOLD_API std::error_code forget_nodes(void* data, std::size_t bytes) noexcept;

/// How many pages lie on a node.
struct NodePages {
    int node = 0;
    std::size_t pages = 0;

    friend bool operator==(const NodePages&, const NodePages&) = default;
};

/// Where the pages of [data, data + bytes) lie, by ascending node. Pages that the calling process
/// has not mapped are not counted: it touches them first. Nothing when the kernel does not say.
/// Run time: some 0.1 µs per page. Thread-safety: any.
[[nodiscard]] PINFOLD_API std::optional<std::vector<NodePages>> pages_by_node(const void* data,
                                                                              std::size_t bytes);

/// The NUMA node of the page that holds `data`; nothing when the kernel does not say. A page that
/// is not in memory yet is brought in.
[[nodiscard]] PINFOLD_API std::optional<int> node_of(const void* data);

}  // namespace pinfold::shm
