// Parties of a heap die at each step, and at random moments. After each burial nothing is lost and
// nothing is handed out twice: all blocks are what their takers left, and in the end all of the
// heap is to be had in one block.

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "child_process.hpp"
#include "heap_crash_point.hpp"
#include "heap_traffic.hpp"

namespace pinfold::shm {
namespace {

using detail::HeapStep;
using testing::Traffic;

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr PartyNumber host = 0;
constexpr PartyNumber parties = 4;
constexpr int deaths = 300;

constexpr std::array<const char*, detail::heap_steps> step_names{
    "NamedTaking",   "ClaimedOne",     "Claimed",       "LookedAtNames", "BroughtIn",
    "NamedTails",    "RaisedTop",      "TookInHand",    "PublishedRun",  "NamedOpen",
    "Opened",        "TookBlock",      "GaveOver",      "NamedFreeing",  "LeftHand",
    "ClearedBit",    "BeganToFreeRun", "EmptiedRun",    "FreedTail",     "FreedRun",
    "ForgotFreeing", "Rested",         "NamedClosing",  "BeganToClose",  "Closed",
    "UndidOne",      "BuriedClosing",  "BuriedFreeing", "BuriedTaking",  "BuriedSlabs",
};

class HeapDeaths : public ::testing::Test {
  protected:
    void TearDown() override {
        testing::disarm_heap_crash_point();
        // The parties' last slabs rest, so that what is empty of them is closed.
        for (PartyNumber party = 1; party < parties; ++party) {
            traffic.bury(party);
        }
        EXPECT_TRUE(traffic.drain_all());
        for (const testing::Box::Content& content : traffic.doubtful()) {
            free_if_alive(content.data);
        }
        EXPECT_EQ(heap.used_bytes(), 0U);
        void* const all = heap.allocate(host, heap.reserved_bytes());
        heap.deallocate(host, all);
    }

    /// Nothing else is alive: whoever frees what is not ends.
    void free_if_alive(std::byte* data) {
        ChildProcess child([&] {
            heap.deallocate(host, data);
            return 0;
        });
        const int code = child.exit_code();
        EXPECT_TRUE(code == 0 || code == -SIGABRT);
    }

    /// A party that works until it dies, or for so many turns.
    [[nodiscard]] std::unique_ptr<ChildProcess> start(PartyNumber party, int turns) {
        const std::uint64_t seed = ++seed_;
        return std::make_unique<ChildProcess>([this, party, turns, seed] {
            std::mt19937_64 random(seed);
            for (int turn = 0; turn < turns; ++turn) {
                if (!traffic.go_on(party, random)) {
                    return 1;
                }
            }
            return 0;
        });
    }

    Arena arena{{.bytes = 6 * mebibyte, .heap_parties = parties}};
    Heap& heap = *arena.heap();
    Traffic traffic{arena, mebibyte + mebibyte / 2};

  private:
    std::uint64_t seed_ = 0;
};

class EveryStepOfAHeap : public HeapDeaths,
                         public ::testing::WithParamInterface<std::tuple<int, int>> {};

TEST_P(EveryStepOfAHeap, MayBeTheLastOfAParty) {
    const auto [step, passing] = GetParam();
    testing::arm_heap_crash_point(static_cast<HeapStep>(step), passing);
    for (int life = 0; life < 100 && !testing::heap_crash_point_struck(); ++life) {
        const auto code = start(1, 100)->exit_code();
        EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
        traffic.bury(1);
    }
    EXPECT_TRUE(testing::heap_crash_point_struck());
    testing::disarm_heap_crash_point();
    EXPECT_EQ(start(1, 30)->exit_code(), 0) << "the successor goes on";
    EXPECT_EQ(start(2, 30)->exit_code(), 0) << "so do the others";
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<int, int>>& death) {
    const auto [step, passing] = death.param;
    return step_names[static_cast<std::size_t>(step)] + std::to_string(passing);
}

constexpr int last_of_a_party = static_cast<int>(HeapStep::undid_one);

INSTANTIATE_TEST_SUITE_P(CrashPoint, EveryStepOfAHeap,
                         ::testing::Combine(::testing::Range(0, last_of_a_party),
                                            ::testing::Values(1, 4)),
                         name_of);

/// A burial that dies as well, at each step in turn, is begun anew.
TEST_F(HeapDeaths, MayMeetWhoeverBuries) {
    int struck = 0;
    for (int step = 0; step < last_of_a_party; ++step) {
        for (int second = 0; second < detail::heap_steps; ++second) {
            testing::arm_heap_crash_point(static_cast<HeapStep>(step), 1 + second % 3);
            const auto code = start(1, 100)->exit_code();
            ASSERT_TRUE(code == 0 || code == -SIGKILL) << code;
            const bool is_published = traffic.is_published(1);
            testing::arm_heap_crash_point(static_cast<HeapStep>(second), 1 + step % 2);
            ChildProcess burial([&] {
                heap.bury(1, is_published);
                return 0;
            });
            ASSERT_NE(burial.exit_code(), 99);
            struck += testing::heap_crash_point_struck() ? 1 : 0;
            testing::disarm_heap_crash_point();
            traffic.bury(1);
        }
    }
    EXPECT_GT(struck, 100);
}

TEST_F(HeapDeaths, MayBeManyAtRandomMoments) {
    std::mt19937_64 random(7);
    std::array<std::unique_ptr<ChildProcess>, parties> children;
    for (PartyNumber party = 1; party < parties; ++party) {
        children[party] = start(party, 1'000'000'000);
    }
    for (int death = 0; death < deaths; ++death) {
        usleep(static_cast<useconds_t>(random() % 3000));
        const auto party = static_cast<PartyNumber>(1 + random() % (parties - 1));
        children[party]->kill(SIGKILL);
        ASSERT_EQ(children[party]->exit_code(), -SIGKILL);
        traffic.bury(party);
        children[party] = start(party, 1'000'000'000);
        if (death % 8 == 0) {
            ASSERT_TRUE(traffic.drain_all()) << "the host works beside them";
        }
    }
    for (PartyNumber party = 1; party < parties; ++party) {
        children[party]->kill(SIGKILL);
        ASSERT_EQ(children[party]->exit_code(), -SIGKILL);
    }
}

}  // namespace
}  // namespace pinfold::shm
