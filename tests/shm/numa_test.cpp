#include <gtest/gtest.h>

#include <cerrno>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/numa.hpp>
#include <stdexcept>
#include <vector>

namespace pinfold::shm {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

TEST(Numa, BindsABlockToANodeThatHasMemory) {
    Arena arena;
    auto* const block = static_cast<std::byte*>(arena.allocate(2 * mebibyte));
    block[5] = std::byte{7};
    const std::optional<int> node = node_of(block);
    if (!node) {
        GTEST_SKIP() << "this kernel does not tell a page's NUMA node";
    }
    const std::error_code refused = bind_to_node(block, 2 * mebibyte, *node);
    if (refused == std::errc::operation_not_permitted ||
        refused == std::errc::function_not_supported) {
        GTEST_SKIP() << "mbind: " << refused.message();
    }
    EXPECT_FALSE(refused) << refused.message();
    EXPECT_EQ(node_of(block), node);
    EXPECT_EQ(block[5], std::byte{7}) << "a block keeps its contents";
}

/// Arena memory whose pages this process has mapped, and the node where they lie.
struct Touched {
    Arena arena;
    std::byte* const block = static_cast<std::byte*>(arena.allocate(2 * mebibyte));
    const std::optional<int> node = node_of(block);
};

std::size_t count_of(const std::vector<NodePages>& pages) {
    std::size_t count = 0;
    for (const NodePages& on_node : pages) {
        count += on_node.pages;
    }
    return count;
}

TEST(Numa, CountsPagesByNode) {
    const Touched touched;
    const auto pages = pages_by_node(touched.block, 2 * mebibyte);
    if (!pages) {
        GTEST_SKIP() << "this kernel does not tell pages' NUMA nodes";
    }
    EXPECT_EQ(count_of(*pages), 2 * mebibyte / 4096);
    EXPECT_EQ(count_of(*pages_by_node(touched.block + 4095, 2)), 2U) << "both that hold any";
    EXPECT_EQ(count_of(*pages_by_node(touched.block, 0)), 0U);
}

TEST(Numa, CountsNoPageThatNobodyTouched) {
    Arena arena;
    auto* const block = static_cast<std::byte*>(arena.allocate_untouched(8 * mebibyte));
    block[5 * mebibyte] = std::byte{1};
    const auto pages = pages_by_node(block, 8 * mebibyte);
    if (!pages) {
        GTEST_SKIP() << "this kernel does not tell pages' NUMA nodes";
    }
    EXPECT_EQ(count_of(*pages), 1U);
}

TEST(Numa, InterleavesAndForgets) {
    const Touched touched;
    if (!touched.node) {
        GTEST_SKIP() << "this kernel does not tell a page's NUMA node";
    }
    const std::vector<int> nodes{*touched.node};
    const std::error_code refused = interleave(touched.block, 2 * mebibyte, nodes);
    if (refused == std::errc::operation_not_permitted ||
        refused == std::errc::function_not_supported) {
        GTEST_SKIP() << "mbind: " << refused.message();
    }
    EXPECT_FALSE(refused) << refused.message();
    EXPECT_FALSE(forget_nodes(touched.block, 2 * mebibyte));
    EXPECT_EQ(node_of(touched.block), touched.node);
}

TEST(Numa, InterleavesOverNoNodeOnlyByMistake) {
    EXPECT_THROW(interleave(nullptr, 0, {}), std::invalid_argument);
    const std::vector<int> negative{0, -1};
    EXPECT_THROW(interleave(nullptr, 0, negative), std::invalid_argument);
}

TEST(Numa, RefusesANodeThatTheMachineDoesNotHaveByAValue) {
    Arena arena({.bytes = mebibyte});
    void* const block = arena.allocate(mebibyte);
    EXPECT_TRUE(bind_to_node(block, mebibyte, 1000));
    EXPECT_TRUE(bind_to_node(block, mebibyte, 1'000'000));
    const std::vector<int> beyond{1000, 1001};
    EXPECT_TRUE(interleave(block, mebibyte, beyond));
}

TEST(Numa, HasNothingToDoForLessThanAPage) {
    Arena arena({.bytes = mebibyte});
    EXPECT_FALSE(bind_to_node(arena.allocate(10), 10, 0));
    EXPECT_FALSE(bind_to_node(nullptr, 0, 0));
}

TEST(Numa, RefusesANegativeNode) {
    EXPECT_THROW(bind_to_node(nullptr, 0, -1), std::invalid_argument);
}

}  // namespace
}  // namespace pinfold::shm
