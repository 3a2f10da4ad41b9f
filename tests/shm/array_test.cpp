#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>
#include <optional>
#include <pinfold/shm/array.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

struct Pair {
    int first;
    double second;
};

static_assert(Shareable<int> && Shareable<Pair> && Shareable<int*> && Shareable<Pair[3]>);
static_assert(!Shareable<std::string> && !Shareable<int&> && !Shareable<std::unique_ptr<int>>);

static_assert(std::is_standard_layout_v<Array<int>>);
static_assert(std::is_nothrow_copy_constructible_v<Array<int>>);
static_assert(std::is_nothrow_copy_assignable_v<Array<int>>);
static_assert(std::is_nothrow_move_constructible_v<Array<int>>);
static_assert(std::is_nothrow_move_assignable_v<Array<int>>);

/// What a map with an array and a number is.
inline auto closure_over(const Array<int>& array, int number) {
    return [array, number](int k) { array[0] = k + number; };
}
using Closure = decltype(closure_over({}, 1));
static_assert(std::is_standard_layout_v<Closure>);
static_assert(std::is_nothrow_copy_constructible_v<Closure>);

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
    EXPECT_LT(arena->used_bytes(), 100 * sizeof(int));  // the larger one went
    Array<int>& same = third;
    third = std::move(same);
    EXPECT_EQ(third[0], 5);
}

TEST(Array, SharesItsElementsWithItsCopies) {
    const auto arena = small_arena();
    {
        Array<int> kept;
        {
            const Array<int> array(arena, 100);
            const Array<int> copy = array;  // NOLINT(performance-unnecessary-copy-initialization)
            kept = copy;
            array[99] = 7;
            EXPECT_EQ(copy[99], 7);
            EXPECT_EQ(kept.data(), array.data());
            EXPECT_EQ(kept.size(), 100U);
        }
        EXPECT_EQ(kept[99], 7);
        const Array<int>& same = kept;
        kept = same;
        EXPECT_EQ(kept[99], 7);
        EXPECT_GT(arena->used_bytes(), 100 * sizeof(int));
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(Array, OfNothingIsCopied) {
    const Array<int> none;
    Array<int> copy = none;
    EXPECT_EQ(copy.data(), nullptr);
    copy = Array<int>(small_arena(), 3);
    copy = none;
    EXPECT_TRUE(copy.empty());
}

TEST(Array, IsHeldByTheClosuresThatCaptureIt) {
    const auto arena = small_arena();
    {
        std::optional<Array<int>> array(std::in_place, arena, 1);
        const auto first = closure_over(*array, 3);
        const auto second = first;  // NOLINT(performance-unnecessary-copy-initialization)
        const int* const elements = array->data();
        array.reset();
        second(4);
        EXPECT_EQ(*elements, 7);
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(Array, HoldsNoPointerOutOfItsArena) {
    const auto arena = small_arena();
    const Array<double> array(arena, 10);
    std::array<const void*, sizeof(array) / sizeof(void*)> words{};
    std::memcpy(words.data(), &array, sizeof(array));
    int in_arena = 0;
    for (const void* const word : words) {
        EXPECT_TRUE(arena->contains(word) || word == reinterpret_cast<const void*>(10)) << word;
        in_arena += arena->contains(word) ? 1 : 0;
    }
    EXPECT_EQ(in_arena, 2);  // its elements and its count
}

TEST(Array, IsCopiedByManyThreads) {
    const auto arena = small_arena();
    {
        std::vector<std::thread> threads;
        {
            const Array<int> array(arena, 8);
            for (std::size_t t = 0; t < 8; ++t) {
                threads.emplace_back([array, t] {
                    for (int i = 0; i < 1000; ++i) {
                        const Array<int> copy = array;
                        copy[t] += 1;
                    }
                    EXPECT_EQ(array[t], 1000);
                });
            }
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(Array, CountsNothingInAChild) {
    const auto arena = small_arena();
    {
        std::optional<Array<int>> array(std::in_place, arena, 2);
        const std::size_t used = arena->used_bytes();
        ChildProcess ends_its_copies([&array] {
            const Array<int> copy = *array;
            Array<int> moved = std::move(*array);
            array.reset();
            moved = Array<int>();
            copy[0] = 1;
            return 0;
        });
        EXPECT_EQ(ends_its_copies.exit_code(), 0);
        ChildProcess dies_with_a_copy([&array] {
            const Array<int> copy = *array;
            copy[1] = 2;
            raise(SIGKILL);
            return 0;
        });
        EXPECT_EQ(dies_with_a_copy.exit_code(), -SIGKILL);
        EXPECT_EQ(arena->used_bytes(), used);
        EXPECT_EQ((*array)[0] + (*array)[1], 3);
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
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

    // As many as fit, then one byte at a time: the last has room for its elements, and none for
    // their count.
    const auto arena = small_arena();
    std::vector<Array<char>> arrays;
    for (std::size_t bytes = std::size_t{1} << 20; bytes > 0; bytes /= 2) {
        try {
            while (true) {
                arrays.emplace_back(arena, bytes);
            }
        } catch (const std::system_error&) {
        }
    }
    arrays.clear();
    EXPECT_EQ(arena->used_bytes(), 0U);
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
