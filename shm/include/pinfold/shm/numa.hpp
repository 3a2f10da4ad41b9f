#pragma once

#include <cstddef>
#include <optional>
#include <system_error>

namespace pinfold::shm {

/// Asks the kernel to keep the whole pages inside [data, data + bytes) on NUMA node `node`, and
/// moves those that are elsewhere. A node that is full passes the rest on to its nearest neighbour:
/// a strict binding would have the process killed instead.
///
/// In an Arena the wish belongs to the memory, so it holds for every process that touches it.
///
/// Returns the system's refusal as a value, since a program runs as well without: ENOSYS from a
/// kernel without NUMA, EPERM from a container that forbids the call, EINVAL for a node that this
/// machine does not have. Throws std::invalid_argument for a negative node.
/// Run time: a system call, and the copying of the pages that move. Thread-safety: any.
std::error_code bind_to_node(void* data, std::size_t bytes, int node);

/// The NUMA node of the page that holds `data`, which is touched if it is not there yet; nothing
/// when the kernel does not say.
[[nodiscard]] std::optional<int> node_of(const void* data);

}  // namespace pinfold::shm
