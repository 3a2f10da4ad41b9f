#include <gtest/gtest.h>

#include <cerrno>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/numa.hpp>
#include <stdexcept>

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

TEST(Numa, RefusesANodeThatTheMachineDoesNotHaveByAValue) {
    Arena arena({.bytes = mebibyte});
    void* const block = arena.allocate(mebibyte);
    EXPECT_TRUE(bind_to_node(block, mebibyte, 1000));
    EXPECT_TRUE(bind_to_node(block, mebibyte, 1'000'000));
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
