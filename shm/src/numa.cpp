#include <pinfold/shm/numa.hpp>

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "pages.hpp"

// The bare system calls: libnuma would be a dependency for two of them.

namespace pinfold::shm {

std::error_code bind_to_node(void* data, std::size_t bytes, int node) {
    if (node < 0) {
        throw std::invalid_argument("NUMA node " + std::to_string(node) + " is below 0");
    }
    const std::span<std::byte> pages = pages_inside({static_cast<std::byte*>(data), bytes});
    if (pages.empty()) {
        return {};
    }
    constexpr std::size_t word_bits = sizeof(unsigned long) * CHAR_BIT;
    const auto bit = static_cast<std::size_t>(node);
    std::vector<unsigned long> nodes(bit / word_bits + 1);
    nodes[bit / word_bits] = 1UL << (bit % word_bits);
    // The kernel reads one bit less than it is told.
    const std::size_t bits = nodes.size() * word_bits + 1;
    if (syscall(SYS_mbind, pages.data(), pages.size(), MPOL_PREFERRED, nodes.data(), bits,
                MPOL_MF_MOVE) != 0) {
        return {errno, std::generic_category()};
    }
    return {};
}

std::optional<int> node_of(const void* data) {
    int node = 0;
    if (syscall(SYS_get_mempolicy, &node, nullptr, 0, data, MPOL_F_NODE | MPOL_F_ADDR) != 0) {
        return std::nullopt;
    }
    return node;
}

}  // namespace pinfold::shm
