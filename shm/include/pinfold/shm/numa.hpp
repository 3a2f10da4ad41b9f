#pragma once

#include <cstddef>
#include <optional>
#include <pinfold/api.hpp>
#include <system_error>

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

/// The NUMA node of the page that holds `data`; nothing when the kernel does not say. A page that
/// is not in memory yet is brought in.
[[nodiscard]] PINFOLD_API std::optional<int> node_of(const void* data);

}  // namespace pinfold::shm
