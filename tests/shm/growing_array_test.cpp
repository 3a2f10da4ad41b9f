#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <pinfold/shm/growing_array.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::shared_ptr<Arena> arena_of(std::size_t bytes) {
    return std::make_shared<Arena>(ArenaOptions{.bytes = bytes});
}

/// Elements first, first + 1, ...
std::vector<std::uint64_t> numbers_from(std::uint64_t first, std::size_t count) {
    std::vector<std::uint64_t> numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
        numbers[i] = first + i;
    }
    return numbers;
}

/// How many elements are not their place.
std::size_t wrong_ones(const Array<std::uint64_t>& array) {
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < array.size(); ++i) {
        wrong += array[i] == i ? 0U : 1U;
    }
    return wrong;
}

TEST(GrowingArray, HasWhatWasAppendedInOrder) {
    const auto arena = arena_of(64 * mebibyte);
    std::mt19937_64 random(1);
    for (int round = 0; round < 20; ++round) {
        GrowingArray<std::uint64_t> growing(arena);
        const std::size_t elements = random() % 500'000;
        while (growing.size() < elements) {
            if (random() % 2 == 0) {
                growing.push_back(growing.size());
            } else {
                growing.append(numbers_from(growing.size(), random() % 10'000));
            }
        }
        const std::size_t size = growing.size();
        const Array<std::uint64_t> array = growing.finish();
        EXPECT_EQ(array.size(), size);
        EXPECT_EQ(wrong_ones(array), 0U);
        EXPECT_EQ(growing.size(), 0U);
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(GrowingArray, MovesWhereSomethingLiesBehindIt) {
    const auto arena = arena_of(64 * mebibyte);
    GrowingArray<std::uint64_t> growing(arena);
    std::vector<void*> others;
    while (growing.size() < 2 * mebibyte) {
        growing.append(numbers_from(growing.size(), 50'000));
        others.push_back(arena->allocate(100'000));
    }
    const Array<std::uint64_t> array = growing.finish();
    EXPECT_EQ(wrong_ones(array), 0U);
    for (void* const other : others) {
        arena->deallocate(other);
    }
    EXPECT_LE(arena->used_bytes(), array.span().size_bytes() + 8192);
}

TEST(GrowingArray, KeepsNothingThatItDoesNotNeed) {
    const auto arena = arena_of(64 * mebibyte);
    const std::size_t before = arena->used_bytes();
    GrowingArray<std::uint64_t> growing(arena);
    growing.append(numbers_from(0, mebibyte));
    const Array<std::uint64_t> array = growing.finish();
    EXPECT_LE(arena->used_bytes() - before, 8 * mebibyte + 8192);
    const Array<std::uint64_t> rest(arena, 6 * mebibyte);  // which so has room
    EXPECT_EQ(wrong_ones(array), 0U);
}

TEST(GrowingArray, IsAnArrayLikeAnyOther) {
    const auto arena = arena_of(mebibyte);
    GrowingArray<std::uint16_t> growing(arena);
    growing.push_back(7);
    const Array<std::uint16_t> array = growing.finish();
    const Array<std::uint16_t> copy = array;
    std::size_t arrays = 0;
    arena->for_each_array([&](const ArrayBytes& one) {
        ++arrays;
        EXPECT_EQ(static_cast<void*>(one.data), array.data());
        EXPECT_EQ(one.bytes, 2U);
        EXPECT_EQ(one.type.bytes, 2U);
    });
    EXPECT_EQ(arrays, 1U);
    EXPECT_EQ(copy.data(), array.data());
}

TEST(GrowingArray, OfNothingIsAnEmptyArray) {
    const auto arena = arena_of(mebibyte);
    GrowingArray<int> growing(arena);
    growing.append({});
    EXPECT_TRUE(growing.finish().empty());
    { const GrowingArray<int> unused(arena); }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(GrowingArray, AlignsItsElements) {
    struct alignas(1024) Aligned {
        int value;
    };
    const auto arena = arena_of(16 * mebibyte);
    GrowingArray<Aligned> growing(arena);
    std::vector<void*> others;
    for (int i = 0; i < 2000; ++i) {
        growing.push_back({i});
        if (i % 100 == 0) {
            others.push_back(arena->allocate(100));
        }
    }
    const Array<Aligned> array = growing.finish();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 1024, 0U);
    EXPECT_EQ(array[1999].value, 1999);
}

TEST(GrowingArray, GivesAllBackWhenItIsDropped) {
    const auto arena = arena_of(64 * mebibyte);
    {
        GrowingArray<std::uint64_t> growing(arena);
        growing.append(numbers_from(0, mebibyte));
        const GrowingArray<std::uint64_t> moved = std::move(growing);
        EXPECT_EQ(moved.size(), mebibyte);
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(GrowingArray, RefusesWhatTheReservationHasNoRoomForAndKeepsTheRest) {
    const auto arena = arena_of(4 * mebibyte);
    GrowingArray<std::uint64_t> growing(arena);
    growing.append(numbers_from(0, 300'000));
    EXPECT_THROW(growing.append(numbers_from(300'000, 300'000)), std::system_error);
    growing.append(numbers_from(300'000, 100'000));  // 3.2 MB of 4.2
    EXPECT_EQ(growing.size(), 400'000U);
    EXPECT_EQ(wrong_ones(growing.finish()), 0U);
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST(GrowingArray, RefusesWhatTheBudgetDoesNotHave) {
    std::atomic<std::size_t> left = 64 * mebibyte;
    const auto arena = std::make_shared<Arena>(
        ArenaOptions{.bytes = 256 * mebibyte, .budget = [&left] {
                         return MemoryBudget{left.load(), "the test's limit"};
                     }});
    GrowingArray<std::uint64_t> growing(arena);
    growing.append(numbers_from(0, mebibyte));
    left = 5 * mebibyte;
    try {
        growing.append(numbers_from(mebibyte, 2 * mebibyte));
        ADD_FAILURE() << "it was granted";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::not_enough_memory);
        EXPECT_NE(std::string(error.what()).find("the test's limit"), std::string::npos);
    }
    EXPECT_EQ(growing.size(), mebibyte);
    EXPECT_EQ(wrong_ones(growing.finish()), 0U);
}

TEST(GrowingArray, IsRefusedInAChild) {
    const auto arena = arena_of(mebibyte);
    GrowingArray<std::uint64_t> growing(arena);
    ChildProcess child([&] {
        try {
            growing.append(numbers_from(0, 100'000));
            return 1;
        } catch (const std::logic_error&) {
            return 0;
        }
    });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(ArenaRoom, StaysWhereItIsWhileNothingLiesBehindIt) {
    Arena arena({.bytes = 64 * mebibyte});
    const Arena::Room room = arena.allocate_room(100'000, 2 * mebibyte);
    EXPECT_GE(room.bytes, 2 * mebibyte);
    const Arena::Room more = arena.grow(room.data, 0, 8 * mebibyte, 8 * mebibyte);
    EXPECT_EQ(more.data, room.data);
    EXPECT_GE(more.bytes, 8 * mebibyte);
    EXPECT_GE(arena.used_bytes(), 8 * mebibyte);
    arena.shrink(more.data, 1000);
    EXPECT_LE(arena.used_bytes(), 2000U);
    arena.deallocate(more.data);
    EXPECT_EQ(arena.used_bytes(), 0U);
}

}  // namespace
}  // namespace pinfold::shm
