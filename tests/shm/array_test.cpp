#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <numeric>
#include <pinfold/shm/array.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

struct Pair {
    int first;
    double second;
};

static_assert(Shareable<int> && Shareable<Pair> && Shareable<int*> && Shareable<Pair[3]>);
static_assert(!Shareable<std::string> && !Shareable<int&> && !Shareable<std::unique_ptr<int>>);
static_assert(!std::is_copy_constructible_v<Array<int>>);

std::shared_ptr<Arena> small_arena() {
    return std::make_shared<Arena>(ArenaOptions{.bytes = std::size_t{16} << 20});
}

TEST(Array, StartsAsZeros) {
    const Array<double> array(small_arena(), 1000);
    ASSERT_EQ(array.size(), 1000U);
    EXPECT_EQ(std::accumulate(array.begin(), array.end(), 0.0), 0.0);
}

TEST(Array, HandsOutItsElements) {
    const Array<int> array(small_arena(), 3);
    array[0] = 1;
    array.data()[1] = 2;
    array.span()[2] = 3;
    EXPECT_EQ(std::accumulate(array.begin(), array.end(), 0), 6);
    EXPECT_EQ(array.span().size(), 3U);
}

TEST(Array, OfNothingIsEmpty) {
    const Array<int> none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.begin(), none.end());
    const Array<int> of_size_zero(small_arena(), 0);
    EXPECT_TRUE(of_size_zero.empty());
}

TEST(Array, GivesItsMemoryBack) {
    const auto arena = small_arena();
    { const Array<int> array(arena, 1000); }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(Array, MovesItsMemory) {
    const auto arena = small_arena();
    Array<int> first(arena, 2);
    first[0] = 5;
    Array<int> second(std::move(first));
    EXPECT_EQ(second[0], 5);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): empty is what is promised
    Array<int> third(arena, 100);
    third = std::move(second);
    EXPECT_EQ(third[0], 5);
    EXPECT_EQ(third.size(), 2U);
    EXPECT_EQ(arena->used_bytes(), 2 * sizeof(int));
    Array<int>& same = third;
    third = std::move(same);
    EXPECT_EQ(third[0], 5);
}

TEST(Array, KeepsItsArenaAlive) {
    std::weak_ptr<Arena> arena;
    {
        Array<int> array;
        {
            const auto owner = small_arena();
            arena = owner;
            array = Array<int>(owner, 10);
        }
        array[9] = 1;
        EXPECT_FALSE(arena.expired());
    }
    EXPECT_TRUE(arena.expired());
}

TEST(Array, RefusesMoreElementsThanASizeCanCount) {
    EXPECT_THROW(Array<double>(small_arena(), static_cast<std::size_t>(-1) / 4),
                 std::bad_array_new_length);
}

TEST(Array, RefusesMoreElementsThanTheArenaHolds) {
    EXPECT_THROW(Array<double>(small_arena(), std::size_t{1} << 30), std::system_error);
}

TEST(Array, AlignsItsElements) {
    struct alignas(256) Wide {
        char data[256];
    };
    const Array<Wide> array(small_arena(), 3);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 256, 0U);
}

TEST(Array, IsWrittenByAForkedChildAndReadHere) {
    const Array<Pair> array(small_arena(), 2);
    ChildProcess child([&array] {
        array[1] = {4, 2.5};
        return 0;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(array[1].first, 4);
    EXPECT_EQ(array[1].second, 2.5);
}

}  // namespace
}  // namespace pinfold::shm
