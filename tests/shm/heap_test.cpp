#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;
constexpr std::size_t gibibyte = 1024 * mebibyte;
constexpr PartyNumber host = 0;

std::byte* bytes_of(void* block) {
    return static_cast<std::byte*>(block);
}

bool is_present(const void* data, std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(data) & ~(page - 1);
    const std::size_t size = reinterpret_cast<std::uintptr_t>(data) + bytes - begin;
    std::vector<unsigned char> present((size + page - 1) / page);
    return mincore(reinterpret_cast<void*>(begin), size, present.data()) == 0 &&
           std::all_of(present.begin(), present.end(),
                       [](unsigned char p) { return (p & 1) != 0; });
}

/// A heap of three parties, and an arena around it.
class HeapOf : public testing::Test {
  protected:
    Arena arena{{.bytes = 256 * mebibyte, .heap_parties = 3}};
    Heap& heap = *arena.heap();
};

using HeapBlock = HeapOf;

TEST_F(HeapBlock, IsInMemoryAndAlignedAndApart) {
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{65}, std::size_t{4096},
          32 * kibibyte, 32 * kibibyte + 1, 64 * kibibyte, 100'000 * std::size_t{1}, mebibyte,
          5 * mebibyte + 17}) {
        for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
            auto* const block = bytes_of(heap.allocate(1, bytes, alignment));
            auto* const other = bytes_of(heap.allocate(1, bytes, alignment));
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0U);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(other) % alignment, 0U);
            EXPECT_TRUE(block + bytes <= other || other + bytes <= block);
            EXPECT_TRUE(is_present(block, std::max<std::size_t>(bytes, 1)));
            EXPECT_TRUE(arena.contains(block, bytes));
            heap.give_over(1);
            heap.deallocate(host, block);
            heap.deallocate(2, other);
        }
    }
    EXPECT_EQ(heap.used_bytes(), 0U);
}

TEST_F(HeapBlock, WastesAThirdAtMost) {
    for (std::size_t bytes = 65; bytes <= 32 * kibibyte; bytes += bytes / 50 + 1) {
        void* const block = heap.allocate(host, bytes);
        EXPECT_GE(heap.used_bytes(), bytes);
        EXPECT_LE(2 * heap.used_bytes(), 3 * bytes + 2) << bytes;
        heap.deallocate(host, block);
    }
}

TEST_F(HeapBlock, StaysWhateverOthersTakeAndGiveBack) {
    struct Owned {
        std::byte* data;
        std::size_t bytes;
        std::byte mark;
    };
    std::mt19937_64 random(1);
    std::vector<Owned> owned;
    for (int step = 0; step < 20'000; ++step) {
        const auto party = static_cast<PartyNumber>(random() % 3);
        if (owned.size() < 200 || (owned.size() < 1000 && random() % 2 == 0)) {
            const std::size_t bytes = random() % (std::size_t{1} << random() % 20);
            std::byte* const data = bytes_of(heap.allocate(party, bytes));
            heap.give_over(party);
            const auto mark = static_cast<std::byte>(random());
            std::fill_n(data, bytes, mark);
            owned.push_back({data, bytes, mark});
        } else {
            std::swap(owned[random() % owned.size()], owned.back());
            const Owned gone = owned.back();
            owned.pop_back();
            ASSERT_EQ(std::count(gone.data, gone.data + gone.bytes, gone.mark),
                      static_cast<std::ptrdiff_t>(gone.bytes));
            heap.deallocate(party, gone.data);
        }
    }
    for (const Owned& block : owned) {
        heap.deallocate(host, block.data);
    }
    EXPECT_EQ(heap.used_bytes(), 0U);
    // All slabs but those from which the parties take are closed: a run of nearly all is to be had.
    heap.deallocate(host, heap.allocate(host, 150 * mebibyte));
}

TEST_F(HeapBlock, GoesBackThroughItsArena) {
    for (const std::size_t bytes : {std::size_t{100}, 3 * mebibyte}) {
        void* const block = heap.allocate(1, bytes);
        heap.give_over(1);
        EXPECT_GE(arena.used_bytes(), bytes);
        arena.deallocate(block);
        EXPECT_EQ(arena.used_bytes(), 0U);
    }
}

using HeapParty = HeapOf;

TEST_F(HeapParty, HoldsWhatItTakesUntilItGivesThatOver) {
    static_cast<void>(heap.allocate(1, 100));
    static_cast<void>(heap.allocate(1, mebibyte));
    heap.give_over(1);
    const std::size_t used = heap.used_bytes();
    static_cast<void>(heap.allocate(1, 100));
    static_cast<void>(heap.allocate(1, mebibyte));
    static_cast<void>(heap.allocate(2, 5000));
    heap.drop_held(1);
    heap.drop_held(2);
    EXPECT_EQ(heap.used_bytes(), used);
}

TEST_F(HeapParty, HoldsEightBlocksAndNoMore) {
    for (std::size_t i = 0; i < Heap::most_held; ++i) {
        static_cast<void>(heap.allocate(1, 100));
    }
    EXPECT_THROW(static_cast<void>(heap.allocate(1, 100)), std::logic_error);
    heap.drop_held(1);
    EXPECT_NE(heap.allocate(1, 100), nullptr);
    for (int i = 0; i < 100; ++i) {
        EXPECT_NE(heap.allocate(host, 100), nullptr) << "the host holds nothing";
    }
}

TEST_F(HeapParty, GivesBackWhatItHoldsInAnyOrder) {
    std::array<void*, 5> blocks{};
    std::generate(blocks.begin(), blocks.end(), [&] { return heap.allocate(1, 40 * kibibyte); });
    heap.deallocate(1, blocks[2]);
    heap.deallocate(1, blocks[4]);
    heap.deallocate(1, blocks[0]);
    heap.drop_held(1);
    EXPECT_EQ(heap.used_bytes(), 0U);
}

TEST_F(HeapParty, GivesOverOneOfItsBlocks) {
    void* const kept = heap.allocate(1, 100);
    void* const given = heap.allocate(1, 100'000);
    void* const last = heap.allocate(1, 100);
    heap.give_over(1, given);
    EXPECT_TRUE(heap.holds(1, kept) && !heap.holds(1, given) && heap.holds(1, last));
    heap.drop_held(1);
    EXPECT_GE(heap.used_bytes(), 100'000U);
    EXPECT_LT(heap.used_bytes(), 110'000U);
    heap.deallocate(2, given);
    EXPECT_EQ(heap.used_bytes(), 0U);
}

TEST_F(HeapParty, HoldsAgainWhatAnotherOneGaveOver) {
    void* const taken = heap.allocate(1, 100);
    void* const freed = heap.allocate(1, 100);
    heap.give_over(1);
    heap.hold(2, taken);
    heap.hold(2, freed);
    EXPECT_TRUE(heap.holds(2, taken) && heap.holds(2, freed) && !heap.holds(1, taken));
    heap.deallocate(2, freed);
    EXPECT_FALSE(heap.holds(2, freed));
    heap.bury(1, false);
    EXPECT_NE(heap.used_bytes(), 0U);
    heap.bury(2, false);
    EXPECT_EQ(heap.used_bytes(), 0U) << "as what it took itself";
}

TEST_F(HeapParty, HoldsNothingAsTheHost) {
    void* const block = heap.allocate(host, 100);
    heap.hold(host, block);
    EXPECT_FALSE(heap.holds(host, block));
    heap.deallocate(host, block);
}

TEST_F(HeapParty, IsRefusedWhatNoPartyMayAsk) {
    EXPECT_THROW(static_cast<void>(heap.allocate(3, 1)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(heap.allocate(1, 1, 0)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(heap.allocate(1, 1, 48)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(heap.allocate(1, 1, 8192)), std::invalid_argument);
    EXPECT_EQ(heap.parties(), 3U);
}

using HeapBurial = HeapOf;

TEST_F(HeapBurial, FreesWhatWasHeldUnlessItIsPublished) {
    const auto take = [&] {
        static_cast<void>(heap.allocate(1, 1000));
        static_cast<void>(heap.allocate(1, 100 * kibibyte));
        static_cast<void>(heap.allocate(1, 2 * mebibyte));
    };
    take();
    heap.bury(1, false);
    EXPECT_EQ(heap.used_bytes(), 0U);
    take();
    const std::size_t used = heap.used_bytes();
    heap.bury(1, true);
    EXPECT_EQ(heap.used_bytes(), used);
    heap.bury(1, false);
    EXPECT_EQ(heap.used_bytes(), used) << "nothing is held any more";
}

TEST_F(HeapBurial, LeavesItsSlabsToTheSuccessor) {
    std::vector<void*> blocks;
    for (int i = 0; i < 100; ++i) {
        blocks.push_back(heap.allocate(1, 64));
        heap.give_over(1);
        heap.bury(1, false);
    }
    const auto [first, last] = std::minmax_element(blocks.begin(), blocks.end());
    EXPECT_LT(bytes_of(*last) - bytes_of(*first), 64 * std::ptrdiff_t{kibibyte});
}

using HeapDeath = HeapOf;

TEST_F(HeapDeath, AtAnyUseOfABlockThatIsGone) {
    testing::GTEST_FLAG(death_test_style) = "fast";
    for (const std::size_t bytes : {std::size_t{100}, 100 * kibibyte}) {
        void* const block = heap.allocate(host, bytes);
        static_cast<void>(heap.allocate(host, bytes));
        heap.deallocate(host, block);
        EXPECT_DEATH(heap.deallocate(host, block), "");
        EXPECT_DEATH(heap.deallocate(1, block), "");
    }
}

TEST_F(HeapDeath, AtWhatAllocateDidNotGive) {
    for (const std::size_t bytes : {std::size_t{100}, 100 * kibibyte}) {
        auto* const block = bytes_of(heap.allocate(host, bytes));
        EXPECT_DEATH(heap.deallocate(host, block + 1), "");
        EXPECT_DEATH(heap.deallocate(host, block + 64 * kibibyte), "");
    }
    EXPECT_DEATH(heap.deallocate(host, &arena), "");
    heap.deallocate(host, nullptr);
}

/// What a refused allocation says; fails the test when it is granted.
std::string refusal(Heap& heap, PartyNumber party, std::size_t bytes) {
    try {
        heap.deallocate(party, heap.allocate(party, bytes));
    } catch (const HeapFull& full) {
        EXPECT_EQ(full.asked_bytes(), bytes);
        return full.what();
    }
    ADD_FAILURE() << bytes << " bytes were granted";
    return {};
}

TEST(FullHeap, RefusesMoreThanItsReservationAndNamesBothSizes) {
    Arena arena({.bytes = mebibyte, .heap_parties = 2});
    Heap& heap = *arena.heap();
    EXPECT_EQ(refusal(heap, 1, 3 * mebibyte),
              "the shared heap cannot give 3145728 bytes: its reservation (arena_bytes) leaves " +
                  std::to_string(heap.reserved_bytes()));
    static_cast<void>(refusal(heap, 1, static_cast<std::size_t>(-1)));
    EXPECT_EQ(heap.used_bytes(), 0U);
    EXPECT_NE(heap.allocate(1, heap.reserved_bytes()), nullptr) << "a refusal breaks nothing";
    EXPECT_NE(refusal(heap, 1, 1).find("leaves 0"), std::string::npos);
}

TEST(FullHeap, IsFullOfSmallBlocksAndEmptyAgain) {
    Arena arena({.bytes = mebibyte, .heap_parties = 3});
    Heap& heap = *arena.heap();
    for (int round = 0; round < 3; ++round) {
        std::vector<void*> blocks;
        EXPECT_THROW(
            for (;;) {
                blocks.push_back(heap.allocate(1, 1024));
                heap.give_over(1);
            },
            HeapFull);
        EXPECT_EQ(blocks.size(), heap.reserved_bytes() / 1024);
        EXPECT_THROW(static_cast<void>(heap.allocate(2, 1)), HeapFull);
        for (void* const block : blocks) {
            heap.deallocate(2, block);
        }
        EXPECT_EQ(heap.used_bytes(), 0U);
        heap.deallocate(host, heap.allocate(host, heap.reserved_bytes() / 2));
    }
}

/// A memory group that has 10,000,000 bytes left.
MemoryBudget nearly_full_group() {
    return {10'000'000, "job/memory.max"};
}

TEST(FullHeap, RefusesMoreThanAMemoryGroupHasLeftInEveryProcess) {
    Arena arena({.bytes = gibibyte, .budget = nearly_full_group, .heap_parties = 2});
    Heap& heap = *arena.heap();
    const auto is_refused = [&](PartyNumber party) {
        const std::string text = refusal(heap, party, 8 * mebibyte);
        EXPECT_EQ(text,
                  "the shared heap cannot give 8388608 bytes: job/memory.max leaves "
                  "10000000");
        EXPECT_NE(heap.allocate(party, 4 * mebibyte), nullptr);
        heap.drop_held(party);
        return testing::Test::HasFailure() ? 1 : 0;
    };
    EXPECT_EQ(is_refused(host), 0);
    ChildProcess child([&] { return is_refused(1); });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(FullHeap, LooksAtItsBudgetBeforeEachSliceOfALargeBlock) {
    int looks = 0;
    Arena arena({.bytes = gibibyte,
                 .budget =
                     [&looks] {
                         ++looks;
                         return looks < 2 ? MemoryBudget{} : nearly_full_group();
                     },
                 .heap_parties = 2});
    Heap& heap = *arena.heap();
    EXPECT_NE(refusal(heap, 1, 900 * mebibyte).find("job/memory.max leaves"), std::string::npos);
    EXPECT_GE(looks, 2);
    EXPECT_EQ(heap.used_bytes(), 0U);
}

/// Memory of a machine of 64 MiB, of which blocks were taken, see below.
TEST(FullHeap, GivesWhatItKeepsBackToTheSystemWhenMemoryRunsShort) {
    const Arena* taken = nullptr;
    Arena arena({.bytes = gibibyte,
                 .budget =
                     [&taken] {
                         const Heap& heap = *taken->heap();
                         const std::size_t used = heap.used_bytes() + taken->used_bytes();
                         return MemoryBudget{used < 64 * mebibyte ? 64 * mebibyte - used : 0,
                                             "the machine"};
                     },
                 .heap_parties = 2});
    taken = &arena;
    Heap& heap = *arena.heap();
    const auto present = [&](std::byte* first, std::size_t bytes) {
        std::size_t pages = 0;
        for (std::size_t at = 0; at < bytes; at += 4096) {
            pages += is_present(first + at, 1) ? 1U : 0U;
        }
        return pages * 4096;
    };
    std::vector<void*> blocks;
    for (int i = 0; i < 1000; ++i) {
        blocks.push_back(heap.allocate(1, 16 * kibibyte));
        heap.give_over(1);
    }
    auto* const first = bytes_of(*std::min_element(blocks.begin(), blocks.end()));
    for (void* const block : blocks) {
        heap.deallocate(host, block);
    }
    EXPECT_GE(present(first, 16'000 * kibibyte), 15'000 * kibibyte) << "kept for the next";
    EXPECT_THROW(static_cast<void>(arena.allocate(100 * mebibyte)), std::system_error);
    EXPECT_LE(present(first, 16'000 * kibibyte), mebibyte);
}

TEST(UnusedHeap, TakesNoMemory) {
    Arena arena({.bytes = gibibyte, .heap_parties = 10});
    EXPECT_GE(arena.heap()->reserved_bytes(), gibibyte);
    EXPECT_EQ(arena.used_bytes(), 0U);
    auto* const block = bytes_of(arena.heap()->allocate(host, 1));
    EXPECT_FALSE(is_present(block + mebibyte, 1));
}

TEST(UnusedHeap, IsNotThereUnlessAskedFor) {
    EXPECT_EQ(Arena({.bytes = mebibyte}).heap(), nullptr);
    const Arena arena({.heap_parties = 1});
    ASSERT_NE(arena.heap(), nullptr);
    EXPECT_GT(arena.heap()->reserved_bytes(), arena.reserved_bytes() / 2);
}

TEST(ForkedHeap, IsOneForAllProcesses) {
    Arena arena({.bytes = 64 * mebibyte, .heap_parties = 3});
    Heap& heap = *arena.heap();
    auto* const mail = static_cast<std::atomic<char*>*>(arena.allocate(sizeof(std::atomic<char*>)));
    ChildProcess first([&] {
        for (const std::size_t bytes : {std::size_t{50}, 3 * mebibyte}) {
            auto* const text = static_cast<char*>(heap.allocate(1, bytes));
            std::memset(text, 'a', bytes);
            mail->store(text);
            heap.give_over(1);
            while (mail->load() != nullptr) {
                usleep(100);
            }
        }
        return 0;
    });
    ChildProcess second([&] {
        for (const std::size_t bytes : {std::size_t{50}, 3 * mebibyte}) {
            char* text = nullptr;
            while ((text = mail->load()) == nullptr) {
                usleep(100);
            }
            const bool right =
                std::count(text, text + bytes, 'a') == static_cast<std::ptrdiff_t>(bytes);
            heap.deallocate(2, text);
            mail->store(nullptr);
            if (!right) {
                return 1;
            }
        }
        return 0;
    });
    EXPECT_EQ(first.exit_code(), 0);
    EXPECT_EQ(second.exit_code(), 0);
    EXPECT_EQ(heap.used_bytes(), 0U);
}

TEST(SharedHeap, IsUsedByManyThreadsOfTheHostAndManyParties) {
    Arena arena({.bytes = 256 * mebibyte, .heap_parties = 4});
    Heap& heap = *arena.heap();
    std::array<std::atomic<std::byte*>, 16> mail{};
    std::vector<std::thread> threads;
    for (PartyNumber thread = 0; thread < 6; ++thread) {
        threads.emplace_back([&, party = thread < 4 ? thread : host, thread] {
            std::mt19937 random(thread);
            for (int i = 0; i < 3000; ++i) {
                const std::size_t bytes = 9 + random() % (i % 50 == 0 ? 300'000 : 3000);
                std::byte* const block = bytes_of(heap.allocate(party, bytes));
                std::memcpy(block, &bytes, sizeof(bytes));
                block[bytes - 1] = block[0];
                std::byte* const other = mail[random() % 16].exchange(block);
                heap.give_over(party);
                if (other != nullptr) {
                    std::size_t size = 0;
                    std::memcpy(&size, other, sizeof(size));
                    EXPECT_EQ(other[size - 1], other[0]);
                    heap.deallocate(party, other);
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (std::atomic<std::byte*>& block : mail) {
        heap.deallocate(host, block.load());
    }
    EXPECT_EQ(heap.used_bytes(), 0U);
}

}  // namespace
}  // namespace pinfold::shm
