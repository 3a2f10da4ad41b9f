// Keys that find no room, and how much room keys need.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/memory_budget.hpp>
#include <stop_token>
#include <string>
#include <thread>

#include "job/left_in.hpp"
#include "leftovers.hpp"
#include "make_pool.hpp"

namespace pinfold {
namespace {

using testing::left_in;

class KeysWithoutRoom : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    void TearDown() override {
        pool = Pool({.crew = Crew::serial});
        NothingLeft::TearDown();
    }

    /// So many keys, each with a value of its own.
    auto distinct(std::uint64_t n) {
        return map_reduce_by_key(pool, Range{0, n},
                                 [](const Chunk& chunk, auto& emit) {
                                     for (const auto k : chunk) {
                                         emit("a key of some length: " + std::to_string(k), 1);
                                     }
                                 },
                                 std::plus<>{}, {.grain = 10'000});
    }

    Pool pool{
        {.crew = GetParam(), .workers = 2, .pin = "none", .arena_bytes = std::size_t{24} << 20}};
};

TEST_P(KeysWithoutRoom, AreToldWithTheirFigures) {
    for (int round = 0; round < 3; ++round) {
        try {
            distinct(3'000'000);
            ADD_FAILURE() << "there was room for all";
        } catch (const TooManyKeys& error) {
            const std::string words = error.what();
            EXPECT_NE(words.find("keys"), std::string::npos) << words;
            EXPECT_NE(words.find("arena_bytes"), std::string::npos) << words;
            EXPECT_NE(words.find_first_of("123456789"), std::string::npos) << words;
        }
        EXPECT_EQ(left_in(pool), 0U);
        const auto some = distinct(20'000);
        EXPECT_EQ(some.value.size(), 20'000U) << "the pool works on";
    }
    EXPECT_EQ(left_in(pool), 0U);
}

TEST_P(KeysWithoutRoom, OfOneChunkAreToldToo) {
    EXPECT_THROW(map_reduce_by_key(
                     pool, Range{0, 1},
                     [](const Chunk&, auto& emit) {
                         for (int k = 0; k < 3'000'000; ++k) {
                             emit("a key of some length: " + std::to_string(k), 1);
                         }
                     },
                     std::plus<>{}),
                 TooManyKeys);
    EXPECT_EQ(left_in(pool), 0U);
}

/// What is large is the input, and not the table: memory is bounded by the keys and one round.
TEST_P(KeysWithoutRoom, HaveRoomWhereTheyAreFewHoweverManyPairs) {
    const auto few =
        map_reduce_by_key<std::uint64_t, std::uint64_t>(pool, Range{0, 20'000'000},
                                                        [](const Chunk& chunk, auto& emit) {
                                                            for (const auto k : chunk) {
                                                                emit(k * 2654435761 % 10'007, 1);
                                                            }
                                                        },
                                                        std::plus<>{}, {.grain = 20'000});
    EXPECT_EQ(few.value.size(), 10'007U);
    std::uint64_t sum = 0;
    for (const auto& [key, value] : few.value) {
        sum += value;
    }
    EXPECT_EQ(sum, 20'000'000U);
}

INSTANTIATE_TEST_SUITE_P(Crews, KeysWithoutRoom, ::testing::Values(Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

/// The most that a pool's heap has given out at a time, as a thread of the host sees it.
class PeakOf {
  public:
    explicit PeakOf(const Pool& pool)
        : heap_(*pool.arena()->heap()), thread_([this](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  peak_ = std::max(peak_, heap_.used_bytes());
                  std::this_thread::sleep_for(std::chrono::microseconds(100));
              }
          }) {}

    std::size_t finish() {
        thread_.request_stop();
        thread_.join();
        return peak_;
    }

  private:
    const shm::Heap& heap_;
    std::size_t peak_ = 0;
    std::jthread thread_;
};

class MemoryOfKeyedJobs : public testing::NothingLeft {
  protected:
    /// Sums by so many keys, which come in no order; the arena had at most four times the table.
    static void expect_at_most_four_tables(Pool pool, std::uint64_t rows, std::uint64_t keys) {
        {
            PeakOf peak(pool);
            const auto counts = map_reduce_by_key<std::uint64_t, std::uint64_t>(
                pool, Range{0, rows},
                [keys](const Chunk& chunk, auto& emit) {
                    for (const auto k : chunk) {
                        emit(k * 2654435761 % keys, k);
                    }
                },
                std::plus<>{});
            const std::size_t most = peak.finish();
            EXPECT_EQ(counts.value.size(), keys);
            EXPECT_GE(most, counts.value.bytes());
            EXPECT_LE(most, 4 * counts.value.bytes());
            EXPECT_LE(left_in(pool), counts.value.bytes() / 16 * 17)
                << "the table, and what the heap rounds up, are all that is left";
        }
        EXPECT_EQ(left_in(pool), 0U);
    }
};

TEST_F(MemoryOfKeyedJobs, IsAtMostFourTimesTheTable) {
    expect_at_most_four_tables(testing::make_pool(Crew::processes, 2), 20'000'000, 1'000'003);
}

TEST_F(MemoryOfKeyedJobs, LetsTenMillionKeysIntoEightGibibytes) {
    constexpr std::size_t arena_bytes = std::size_t{8} << 30;
    if (shm::available_memory().bytes < arena_bytes) {
        GTEST_SKIP() << "needs 8 GiB of free memory";
    }
    expect_at_most_four_tables(
        Pool({.crew = Crew::processes, .workers = 2, .pin = "none", .arena_bytes = arena_bytes}),
        20'000'000, 10'000'019);
}

}  // namespace
}  // namespace pinfold
