#include <pinfold/shm/numa.hpp>

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "pages.hpp"

// The bare system calls: libnuma would be a dependency for three of them.

namespace pinfold::shm {

namespace {

constexpr std::size_t word_bits = sizeof(unsigned long) * CHAR_BIT;

// Of move_pages at a time.
constexpr std::size_t most_asked_pages = 1024;

using NodeMask = std::vector<unsigned long>;

NodeMask mask_of(std::span<const int> nodes) {
    NodeMask mask;
    for (const int node : nodes) {
        if (node < 0) {
            throw std::invalid_argument("NUMA node " + std::to_string(node) + " is below 0");
        }
        const auto bit = static_cast<std::size_t>(node);
        mask.resize(std::max(mask.size(), bit / word_bits + 1));
        mask[bit / word_bits] |= 1UL << (bit % word_bits);
    }
    return mask;
}

std::error_code ask(std::span<std::byte> bytes, int policy, const NodeMask& nodes,
                    unsigned flags) noexcept {
    const std::span<std::byte> pages = pages_inside(bytes);
    if (pages.empty()) {
        return {};
    }
    // The kernel reads one bit less than it is told.
    const std::size_t bits = nodes.empty() ? 0 : nodes.size() * word_bits + 1;
    if (syscall(SYS_mbind, pages.data(), pages.size(), policy,
                nodes.empty() ? nullptr : nodes.data(), bits, flags) != 0) {
        return {errno, std::generic_category()};
    }
    return {};
}

}  // namespace

std::error_code bind_to_node(void* data, std::size_t bytes, int node) {
    const NodeMask mask = mask_of({&node, 1});
    return ask({static_cast<std::byte*>(data), bytes}, MPOL_PREFERRED, mask, MPOL_MF_MOVE);
}

std::error_code interleave(void* data, std::size_t bytes, std::span<const int> nodes) {
    if (nodes.empty()) {
        throw std::invalid_argument("pages cannot be interleaved over no NUMA nodes");
    }
    const NodeMask mask = mask_of(nodes);
    return ask({static_cast<std::byte*>(data), bytes}, MPOL_INTERLEAVE, mask, MPOL_MF_MOVE);
}

std::error_code forget_nodes(void* data, std::size_t bytes) noexcept {
    return ask({static_cast<std::byte*>(data), bytes}, MPOL_DEFAULT, {}, 0);
}

// Without a list of nodes, move_pages moves nothing and says where each page lies.
std::optional<std::vector<NodePages>> pages_by_node(const void* data, std::size_t bytes) {
    auto* const begin = static_cast<std::byte*>(const_cast<void*>(data));
    std::span<std::byte> left = bytes == 0 ? std::span<std::byte>() : pages_around({begin, bytes});
    std::map<int, std::size_t> counts;
    std::vector<void*> pages;
    std::vector<int> nodes;
    while (!left.empty()) {
        const std::size_t count = std::min(left.size() / page_bytes(), most_asked_pages);
        pages.clear();
        for (std::size_t i = 0; i < count; ++i) {
            pages.push_back(left.data() + i * page_bytes());
        }
        nodes.assign(count, -1);
        if (syscall(SYS_move_pages, 0, count, pages.data(), nullptr, nodes.data(), 0) != 0) {
            return std::nullopt;
        }
        for (const int node : nodes) {
            if (node >= 0) {
                ++counts[node];
            }
        }
        left = left.subspan(count * page_bytes());
    }
    std::vector<NodePages> by_node;
    for (const auto& [node, page_count] : counts) {
        by_node.push_back({node, page_count});
    }
    return by_node;
}

std::optional<int> node_of(const void* data) {
    int node = 0;
    if (syscall(SYS_get_mempolicy, &node, nullptr, 0, data, MPOL_F_NODE | MPOL_F_ADDR) != 0) {
        return std::nullopt;
    }
    return node;
}

}  // namespace pinfold::shm
