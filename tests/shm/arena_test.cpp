#include <gtest/gtest.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/numa.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;
constexpr std::size_t gibibyte = 1024 * mebibyte;
const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));

std::byte* bytes_of(void* block) {
    return static_cast<std::byte*>(block);
}

bool is_zero(void* block, std::size_t bytes) {
    return std::all_of(bytes_of(block), bytes_of(block) + bytes,
                       [](std::byte b) { return b == std::byte{0}; });
}

void* page_of(void* address) {
    return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(address) & ~(page_bytes - 1));
}

/// The pages of a page-aligned block that are in memory.
std::size_t pages_present(void* block, std::size_t bytes) {
    std::vector<unsigned char> present((bytes + page_bytes - 1) / page_bytes);
    if (mincore(block, bytes, present.data()) != 0) {
        throw std::system_error(errno, std::generic_category(), "mincore");
    }
    return static_cast<std::size_t>(std::count_if(present.begin(), present.end(),
                                                  [](unsigned char p) { return (p & 1) != 0; }));
}

/// The kernel's number of what was asked for the page there.
int memory_policy_of(void* page) {
    int policy = -1;
    EXPECT_EQ(syscall(SYS_get_mempolicy, &policy, nullptr, 0, page, MPOL_F_ADDR), 0);
    return policy;
}

/// What a refused allocation says; fails the test when it is granted.
std::string refusal(Arena& arena, std::size_t bytes) {
    try {
        arena.deallocate(arena.allocate(bytes));
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::not_enough_memory);
        return error.what();
    }
    ADD_FAILURE() << bytes << " bytes were granted";
    return {};
}

class ArenaBlock : public testing::TestWithParam<std::size_t> {};

TEST_P(ArenaBlock, IsZeroAndInMemoryAndAligned) {
    Arena arena;
    void* const block = arena.allocate(GetParam());
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0U);
    EXPECT_TRUE(arena.contains(block, GetParam()));
    const std::size_t pages = GetParam() / page_bytes;
    EXPECT_EQ(pages_present(page_of(block), pages * page_bytes), pages);
    EXPECT_TRUE(is_zero(block, GetParam()));
}

TEST_P(ArenaBlock, IsZeroAgainWhenItsMemoryIsReused) {
    Arena arena({.bytes = 64 * mebibyte});
    for (int round = 0; round < 20; ++round) {
        void* const block = arena.allocate(GetParam());
        EXPECT_TRUE(is_zero(block, GetParam())) << "round " << round;
        std::memset(block, 0xff, GetParam());
        arena.deallocate(block);
    }
}

INSTANTIATE_TEST_SUITE_P(OfManySizes, ArenaBlock,
                         testing::Values(0, 1, 63, 4096, 100'000, mebibyte - 1, mebibyte,
                                         mebibyte + 1, 5 * mebibyte + 17));

TEST(Arena, AlignsAsAsked) {
    Arena arena;
    for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        for (const std::size_t bytes : {std::size_t{1}, std::size_t{5000}, mebibyte}) {
            void* const block = arena.allocate(bytes, alignment);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0U);
        }
    }
}

TEST(Arena, RefusesAnAlignmentThatItCannotGive) {
    Arena arena;
    EXPECT_THROW((void)arena.allocate(1, 0), std::invalid_argument);
    EXPECT_THROW((void)arena.allocate(1, 48), std::invalid_argument);
    EXPECT_THROW((void)arena.allocate(1, 8192), std::invalid_argument);
}

TEST(Arena, GivesDifferentZeroedBlocksInAnyOrderOfSizes) {
    struct Owned {
        std::byte* data;
        std::size_t bytes;
        std::byte mark;
    };
    Arena arena({.bytes = 256 * mebibyte});
    std::mt19937_64 random(1);
    std::vector<Owned> owned;
    for (int step = 0; step < 4000; ++step) {
        if (owned.size() < 40 || random() % 2 == 0) {
            const std::size_t bytes = std::size_t{1} << (random() % 20);
            std::byte* const data = bytes_of(arena.allocate(bytes));
            ASSERT_TRUE(is_zero(data, bytes)) << "step " << step;
            const auto mark = static_cast<std::byte>(random() % 255 + 1);
            std::fill_n(data, bytes, mark);
            owned.push_back({data, bytes, mark});
        } else {
            std::swap(owned[random() % owned.size()], owned.back());
            const Owned gone = owned.back();
            owned.pop_back();
            ASSERT_EQ(std::count(gone.data, gone.data + gone.bytes, gone.mark),
                      static_cast<std::ptrdiff_t>(gone.bytes));
            arena.deallocate(gone.data);
        }
    }
    for (const Owned& block : owned) {
        arena.deallocate(block.data);
    }
    EXPECT_EQ(arena.used_bytes(), 0U);
}

TEST(Arena, GivesManyBlocksToManyThreads) {
    Arena arena({.bytes = 64 * mebibyte});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&arena, t] {
            std::vector<std::byte*> blocks;
            for (int i = 0; i < 2000; ++i) {
                blocks.push_back(bytes_of(arena.allocate(100)));
                std::fill_n(blocks.back(), 100, static_cast<std::byte>(t));
            }
            for (std::byte* const block : blocks) {
                EXPECT_EQ(std::count(block, block + 100, static_cast<std::byte>(t)), 100);
                arena.deallocate(block);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(arena.used_bytes(), 0U);
}

TEST(Arena, CountsWhatItHandsOut) {
    Arena arena;
    EXPECT_EQ(arena.used_bytes(), 0U);
    void* const small = arena.allocate(1000);
    EXPECT_EQ(arena.used_bytes(), 1000U);
    void* const large = arena.allocate(mebibyte);
    EXPECT_EQ(arena.used_bytes(), 1000U + mebibyte);
    arena.deallocate(small);
    arena.deallocate(large);
    arena.deallocate(nullptr);
    EXPECT_EQ(arena.used_bytes(), 0U);
}

TEST(Arena, KnowsWhatLiesInIt) {
    Arena arena({.bytes = mebibyte});
    std::byte* const block = bytes_of(arena.allocate(100));
    EXPECT_TRUE(arena.contains(block));
    EXPECT_TRUE(arena.contains(block, 100));
    EXPECT_FALSE(arena.contains(block, arena.reserved_bytes()));
    EXPECT_FALSE(arena.contains(block, static_cast<std::size_t>(-1)));
    EXPECT_FALSE(arena.contains(&arena));
    EXPECT_FALSE(arena.contains(nullptr));
}

TEST(Arena, GivesABlockOfAllTheBytesThatItWasMadeFor) {
    for (const std::size_t bytes : {kibibyte, mebibyte, 16 * mebibyte}) {
        Arena arena({.bytes = bytes});
        EXPECT_GE(arena.reserved_bytes(), bytes);
        EXPECT_NE(arena.allocate(bytes), nullptr);
    }
}

TEST(Arena, RefusesMoreThanItsReservationAndNamesBothSizes) {
    Arena arena({.bytes = mebibyte});
    (void)arena.allocate(mebibyte / 2);
    const std::string text = refusal(arena, 3 * mebibyte);
    EXPECT_NE(text.find("3145728 bytes"), std::string::npos) << text;
    EXPECT_NE(text.find("its reservation leaves "), std::string::npos) << text;
    (void)refusal(arena, static_cast<std::size_t>(-1));
    EXPECT_NE(arena.allocate(mebibyte / 4), nullptr) << "a refusal breaks nothing";
}

TEST(Arena, RefusesMoreThanTheMachineHas) {
    const MemoryBudget headroom = available_memory();
    if (headroom.bytes > std::size_t{1} << 45) {
        GTEST_SKIP() << "this machine names no limit of its memory";
    }
    const std::size_t bytes = headroom.bytes * 2 / gibibyte * gibibyte + gibibyte;
    Arena arena({.bytes = bytes});
    const std::string text = refusal(arena, bytes);
    EXPECT_NE(text.find(std::to_string(bytes)), std::string::npos) << text;
    EXPECT_NE(text.find(headroom.limit + " leaves "), std::string::npos) << text;
    EXPECT_EQ(arena.used_bytes(), 0U);
}

/// A memory group that has 10,000,000 bytes left.
MemoryBudget nearly_full_group() {
    return {10'000'000, "job/memory.max"};
}

TEST(Arena, RefusesMoreThanAMemoryGroupHasLeft) {
    Arena arena({.bytes = gibibyte, .budget = nearly_full_group});
    const std::string text = refusal(arena, 8 * mebibyte);
    EXPECT_NE(text.find("cannot give 8388608 bytes"), std::string::npos) << text;
    EXPECT_NE(text.find("job/memory.max leaves 10000000"), std::string::npos) << text;
    EXPECT_NE(arena.allocate(4 * mebibyte), nullptr);
    EXPECT_NE(arena.allocate(100), nullptr);
}

TEST(Arena, LooksAtItsBudgetBeforeEachSliceOfALargeBlock) {
    int looks = 0;
    Arena arena({.bytes = gibibyte, .budget = [&looks] {
                     ++looks;
                     return looks < 3 ? MemoryBudget{} : nearly_full_group();
                 }});
    EXPECT_NE(refusal(arena, 200 * mebibyte).find("job/memory.max leaves"), std::string::npos);
    EXPECT_EQ(looks, 3);
    EXPECT_EQ(arena.used_bytes(), 0U);
}

TEST(Arena, TakesItsFirstMebibyteWithoutALookAtItsBudget) {
    int looks = 0;
    Arena arena({.bytes = gibibyte, .budget = [&looks] {
                     ++looks;
                     return MemoryBudget{};
                 }});
    (void)arena.allocate(900 * kibibyte);
    EXPECT_EQ(looks, 0);
    (void)arena.allocate(900 * kibibyte);
    EXPECT_GT(looks, 0);
}

TEST(Arena, RefusesABudgetThatCannotBeAsked) {
    EXPECT_THROW(Arena({.bytes = mebibyte, .budget = nullptr}), std::invalid_argument);
}

TEST(Arena, ReturnsTheMemoryOfLargeBlocksToTheSystem) {
    Arena arena;
    void* const block = arena.allocate(64 * mebibyte);
    EXPECT_EQ(pages_present(block, 64 * mebibyte), 64 * mebibyte / page_bytes);
    arena.deallocate(block);
    EXPECT_LE(pages_present(block, 64 * mebibyte), 2U) << "but the allocator's own notes";
}

TEST(Arena, TakesNoMemoryBeforeItIsUsed) {
    Arena arena({.bytes = gibibyte});
    void* const block = arena.allocate(1);
    EXPECT_LE(pages_present(page_of(block), gibibyte / 2), 256 * kibibyte / page_bytes);
}

TEST(Arena, LeavesTheFirstTouchOfALargeBlockToOthers) {
    constexpr std::size_t bytes = 8 * mebibyte;
    Arena arena({.bytes = gibibyte});
    void* const used = arena.allocate(bytes);
    std::memset(used, 0xff, bytes);
    arena.deallocate(used);
    void* const block = arena.allocate_untouched(bytes);
    EXPECT_LE(pages_present(block, bytes), 1U);
    EXPECT_TRUE(is_zero(block, bytes));
    EXPECT_TRUE(is_zero(arena.allocate_untouched(100), 100));
}

TEST(Arena, RefusesAnUntouchedBlockThatAMemoryGroupCannotHold) {
    Arena arena({.bytes = gibibyte, .budget = nearly_full_group});
    EXPECT_THROW(static_cast<void>(arena.allocate_untouched(8 * mebibyte)), std::system_error);
    EXPECT_EQ(arena.used_bytes(), 0U);
    EXPECT_NE(arena.allocate_untouched(4 * mebibyte), nullptr);
}

TEST(Arena, WorksWhetherOrNotTheKernelHasHugePages) {
    Arena arena({.bytes = 64 * mebibyte, .huge_pages = true});
    for (int round = 0; round < 3; ++round) {
        void* const large = arena.allocate(8 * mebibyte + 5);
        void* const small = arena.allocate(100);
        EXPECT_TRUE(is_zero(large, 8 * mebibyte + 5));
        EXPECT_TRUE(is_zero(small, 100));
        std::memset(large, 0xff, 8 * mebibyte + 5);
        std::memset(small, 0xff, 100);
        arena.deallocate(large);
        arena.deallocate(small);
    }
}

TEST(Arena, AsksForTheNodesOfALargeBlockBeforeItsPagesAreThere) {
    constexpr std::size_t bytes = 4 * mebibyte;
    Arena arena({.bytes = gibibyte});
    std::span<std::byte> placed;
    std::size_t present = bytes;
    const BlockPages pages{.place = [&](std::span<std::byte> block) {
        placed = block;
        present = pages_present(block.data(), block.size());
    }};
    for (int round = 0; round < 2; ++round) {
        auto* const block = static_cast<std::byte*>(arena.allocate(bytes, 64, pages));
        EXPECT_EQ(placed.data(), block);
        EXPECT_EQ(placed.size(), bytes);
        EXPECT_LE(present, 1U) << "the allocator's own header";
        EXPECT_GE(pages_present(block, bytes), bytes / page_bytes);
        EXPECT_TRUE(is_zero(block, bytes));
        std::memset(block, 0xff, bytes);
        arena.deallocate(block);
    }
}

TEST(Arena, AsksForNothingForASmallBlock) {
    Arena arena({.bytes = 64 * mebibyte});
    const BlockPages pages{
        .place = [](std::span<std::byte>) { ADD_FAILURE() << "its pages are shared"; },
        .untouched = true,
        .huge = true};
    EXPECT_TRUE(is_zero(arena.allocate(1000, 64, pages), 1000));
}

TEST(Arena, TakesABlockBackWhosePagesCouldNotBeAskedFor) {
    Arena arena({.bytes = 64 * mebibyte});
    const BlockPages pages{.place = [](std::span<std::byte>) { throw std::domain_error("no"); }};
    EXPECT_THROW(static_cast<void>(arena.allocate(2 * mebibyte, 64, pages)), std::domain_error);
    EXPECT_EQ(arena.used_bytes(), 0U);
}

// What one block asked for is not the next one's, which lies in the same place.
TEST(Arena, ForgetsTheNodesOfABlockThatIsGivenBack) {
    Arena arena({.bytes = 64 * mebibyte});
    std::error_code refused;
    const BlockPages on_node{.place = [&](std::span<std::byte> block) {
        refused = bind_to_node(block.data(), block.size(), 0);
    }};
    void* const bound = arena.allocate(2 * mebibyte, 64, on_node);
    if (refused) {
        GTEST_SKIP() << "mbind: " << refused.message();
    }
    EXPECT_EQ(memory_policy_of(bound), MPOL_PREFERRED);
    arena.deallocate(bound);
    void* const next = arena.allocate(2 * mebibyte);
    EXPECT_EQ(next, bound);
    EXPECT_EQ(memory_policy_of(next), MPOL_DEFAULT);
}

TEST(Arena, LeavesNoDescriptorOpen) {
    const auto open_descriptors = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    const auto before = open_descriptors();
    const Arena arena({.bytes = mebibyte});
    EXPECT_EQ(open_descriptors(), before);
}

TEST(ForkedArena, IsSharedAtOneAddress) {
    Arena arena;
    auto* const numbers = static_cast<int*>(arena.allocate(2 * mebibyte));
    numbers[0] = 1;
    ChildProcess child([numbers] {
        numbers[1] = numbers[0] + 1;
        return 0;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(numbers[1], 2);
}

TEST(ForkedArena, SharesBlocksThatAreTakenAfterTheFork) {
    Arena arena;
    auto* const address =
        static_cast<std::atomic<int*>*>(arena.allocate(sizeof(std::atomic<int*>)));
    ChildProcess child([address] {
        int* number = nullptr;
        while ((number = address->load()) == nullptr) {
            usleep(1000);
        }
        *number = 7;
        return 0;
    });
    auto* const number = static_cast<int*>(arena.allocate(mebibyte));
    address->store(number);
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(*number, 7);
}

TEST(ForkedArena, IsNotHarmedByTheEndOfAChildsCopy) {
    auto arena = std::make_unique<Arena>();
    auto* const number = static_cast<int*>(arena->allocate(mebibyte));
    *number = 5;
    ChildProcess child([&arena, number] {
        arena->deallocate(number);
        arena.reset();
        return 0;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(*number, 5);
    EXPECT_EQ(arena->used_bytes(), mebibyte);
    arena->deallocate(number);
}

TEST(ForkedArena, RefusesToAllocateInAChild) {
    Arena arena;
    ChildProcess child([&arena] {
        try {
            (void)arena.allocate(1);
        } catch (const std::logic_error&) {
            return 0;
        }
        return 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

/// The bytes of address space that this process has.
std::size_t address_space() {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * page_bytes;
}

void limit(__rlimit_resource resource, std::size_t bytes) {
    const rlimit both{bytes, bytes};
    if (setrlimit(resource, &both) != 0) {
        throw std::system_error(errno, std::generic_category(), "setrlimit");
    }
}

TEST(LimitedArena, TakesLessWhenTheAddressSpaceIsLimited) {
    ChildProcess child([] {
        limit(RLIMIT_AS, address_space() + 64 * mebibyte);
        Arena arena;
        return arena.reserved_bytes() <= 64 * mebibyte && arena.allocate(mebibyte) != nullptr ? 0
                                                                                              : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

/// Whether making an arena of `bytes` is refused by `error`, in words that name the size.
bool is_refused(std::size_t bytes, std::errc error) {
    try {
        const Arena arena({.bytes = bytes});
    } catch (const std::system_error& refused) {
        return refused.code() == error &&
               std::string(refused.what()).find(" bytes of shared memory") != std::string::npos;
    }
    return false;
}

TEST(LimitedArena, RefusesASizeBeyondTheAddressSpaceLimit) {
    ChildProcess child([] {
        limit(RLIMIT_AS, address_space() + 64 * mebibyte);
        return is_refused(gibibyte, std::errc::not_enough_memory) ? 0 : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(LimitedArena, RefusesASizeBeyondTheFileSizeLimitInsteadOfDying) {
    ChildProcess child([] {
        limit(RLIMIT_FSIZE, 8 * mebibyte);
        return is_refused(gibibyte, std::errc::file_too_large) ? 0 : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(LimitedArena, StaysBelowTheFileSizeLimitByItself) {
    ChildProcess child([] {
        limit(RLIMIT_FSIZE, 8 * mebibyte);
        Arena arena;
        return arena.reserved_bytes() <= 8 * mebibyte && arena.allocate(mebibyte) != nullptr ? 0
                                                                                             : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(LimitedArena, RefusesASizeThatNoMachineHas) {
    EXPECT_TRUE(is_refused(static_cast<std::size_t>(-1), std::errc::not_enough_memory));
    EXPECT_TRUE(is_refused(std::size_t{1} << 62, std::errc::not_enough_memory));
}

}  // namespace
}  // namespace pinfold::shm
