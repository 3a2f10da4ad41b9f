// Results that are consumed in chunk order while their job runs.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/stream.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "leftovers.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using Numbers = std::vector<std::uint64_t>;

/// 0, 1, ... n - 1.
Numbers first_numbers(std::uint64_t n) {
    Numbers numbers(n);
    for (std::uint64_t i = 0; i < n; ++i) {
        numbers[i] = i;
    }
    return numbers;
}

constexpr auto index_of = [](const Chunk& chunk) { return chunk.index; };

/// The indexes of the chunks of a stream, as they are consumed.
Numbers stream_of(Pool& pool, std::uint64_t chunks, JobSettings settings = {}) {
    Numbers seen;
    settings.grain = 1;
    stream(
        pool, Range{0, chunks}, index_of, [&](std::uint64_t index) { seen.push_back(index); },
        settings);
    return seen;
}

class StreamOnEveryCrew : public testing::NothingLeft,
                          public ::testing::WithParamInterface<Crew> {};

TEST_P(StreamOnEveryCrew, ConsumesEachChunkOnceAndInOrder) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (const std::uint64_t chunks : {0U, 1U, 2U, 255U, 256U, 257U, 4096U, 100'000U}) {
        EXPECT_EQ(stream_of(pool, chunks), first_numbers(chunks));
    }
}

TEST_P(StreamOnEveryCrew, ConsumesInOrderHoweverFarItLooksAhead) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (const std::uint64_t look_ahead : {1U, 2U, 3U, 7U, 31U, 32U, 40U, 1000U, 1'000'000U}) {
        EXPECT_EQ(stream_of(pool, 3000, {.look_ahead = look_ahead}), first_numbers(3000));
    }
    EXPECT_EQ(stream_of(pool, 3000, {.look_ahead = ~std::uint64_t{0}}), first_numbers(3000));
}

TEST_P(StreamOnEveryCrew, BeginsNoChunkBeyondItsLookAhead) {
    for (const std::uint64_t look_ahead : {1U, 5U, 64U, 100U}) {
        testing::Shared<std::atomic<std::uint64_t>> consumed;
        Pool pool = testing::make_pool(GetParam(), 2);
        std::uint64_t too_far = 0;
        std::uint64_t next = 0;
        const auto report = stream(pool, Range{0, 2000},
                                   trust([at = consumed.get(), look_ahead](const Chunk& chunk) {
                                       return chunk.index >= at->load() + look_ahead;
                                   }),
                                   [&](bool is_too_far, const Chunk& chunk) {
                                       too_far += is_too_far ? 1 : 0;
                                       EXPECT_EQ(chunk.index, next++);
                                       consumed->fetch_add(1);
                                   },
                                   {.grain = 1, .look_ahead = look_ahead});
        EXPECT_EQ(too_far, 0U) << look_ahead;
        EXPECT_EQ(next, 2000U);
        EXPECT_EQ(report.chunks, 2000U);
    }
}

TEST_P(StreamOnEveryCrew, GivesTheConsumerWhatItMayKeep) {
    struct Large {
        std::array<std::uint64_t, 1000> numbers;
    };
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto array = pool.array(first_numbers(1000));
    std::uint64_t consumed = 0;
    stream(
        pool, array, 10,
        [](int factor, std::span<const std::uint64_t> numbers, const Chunk&) {
            Large large{};
            std::ranges::copy(numbers, large.numbers.begin());
            large.numbers[999] = static_cast<std::uint64_t>(factor);
            return large;
        },
        [&consumed, next = std::make_unique<std::uint64_t>(0)](Large&& large) {
            EXPECT_EQ(large.numbers[0], *next);
            EXPECT_EQ(large.numbers[999], 10U);
            large.numbers.fill(7);
            *next += 10;
            ++consumed;
        },
        {.grain = 10, .look_ahead = 2});
    EXPECT_EQ(consumed, 100U);
}

TEST_P(StreamOnEveryCrew, ConsumesStringsOrLooksAtThem) {
    Pool pool = testing::make_pool(GetParam(), 2);
    constexpr auto text_of = [](const Chunk& chunk) {
        return std::string(chunk.index * chunk.index % 997, 'x') + std::to_string(chunk.index);
    };
    std::string expected;
    for (std::uint64_t index = 0; index < 500; ++index) {
        expected += text_of(Chunk{index, 1, index});
    }
    for (const std::uint64_t look_ahead : {1U, 9U, 100U}) {
        const JobSettings settings{.grain = 1, .look_ahead = look_ahead};
        std::string moved;
        stream(
            pool, Range{0, 500}, text_of, [&](std::string&& text) { moved += std::move(text); },
            settings);
        EXPECT_EQ(moved, expected);
        std::string seen;
        stream(
            pool, Range{0, 500}, text_of,
            [&](std::string_view text, const Chunk& chunk) {
                EXPECT_EQ(text, text_of(chunk));
                seen += text;
            },
            settings);
        EXPECT_EQ(seen, expected);
        EXPECT_EQ(pool.arena()->heap() == nullptr ? 0 : pool.arena()->heap()->used_bytes(), 0U);
    }
}

TEST_P(StreamOnEveryCrew, FreesTheBlocksOfResultsThatNobodyConsumed) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (int round = 0; round < 20; ++round) {
        std::uint64_t left = 10U + static_cast<std::uint64_t>(round);
        EXPECT_THROW(stream(
                         pool, Range{0, 1000}, [](const Chunk&) { return std::string(500, 'x'); },
                         [&](const std::string&) {
                             if (--left == 0) {
                                 throw std::domain_error("enough");
                             }
                         },
                         {.grain = 1}),
                     std::domain_error);
        EXPECT_EQ(pool.arena()->heap() == nullptr ? 0 : pool.arena()->heap()->used_bytes(), 0U);
    }
}

TEST_P(StreamOnEveryCrew, EndsWithWhatItsConsumerThrows) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (const std::uint64_t last : {0U, 1U, 100U, 299U}) {
        Numbers seen;
        try {
            stream(pool, Range{0, 300}, index_of,
                   [&](std::uint64_t index) {
                       seen.push_back(index);
                       if (index == last) {
                           throw std::domain_error("enough");
                       }
                   },
                   {.grain = 1});
            ADD_FAILURE() << "it did not throw";
        } catch (const std::domain_error& error) {
            EXPECT_STREQ(error.what(), "enough");
        }
        EXPECT_EQ(seen, first_numbers(last + 1));
    }
    EXPECT_EQ(stream_of(pool, 100), first_numbers(100)) << "the pool works on";
}

TEST_P(StreamOnEveryCrew, FailsWhenItsMapThrowsAndHasConsumedNothingBehindThat) {
    Pool pool = testing::make_pool(GetParam(), 2);
    Numbers seen;
    EXPECT_THROW(
        stream(
            pool, Range{0, 1000},
            [](const Chunk& chunk) {
                return chunk.index == 500 ? throw std::domain_error("500") : chunk.index;
            },
            [&](std::uint64_t index) { seen.push_back(index); }, {.grain = 1, .look_ahead = 50}),
        JobFailed);
    EXPECT_LE(seen.size(), 500U);
    EXPECT_EQ(seen, first_numbers(seen.size()));
}

TEST_P(StreamOnEveryCrew, PassesOverWhatItSkips) {
    Pool pool = testing::make_pool(GetParam(), 2);
    Numbers seen;
    const auto report = stream(
        pool, Range{0, 1000},
        [](const Chunk& chunk) {
            return chunk.index % 3 == 0 ? throw std::domain_error("no") : chunk.index;
        },
        [&](std::uint64_t index) { seen.push_back(index); },
        {.grain = 1, .on_poison = OnPoison::skip, .look_ahead = 20});
    Numbers expected = first_numbers(1000);
    std::erase_if(expected, [](std::uint64_t index) { return index % 3 == 0; });
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(report.skipped.size(), 334U);
}

TEST_P(StreamOnEveryCrew, EndsWhenItsConsumerAsksForAStop) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::stop_source source;
    Numbers seen;
    EXPECT_THROW(stream(pool, Range{0, 10'000}, index_of,
                        [&](std::uint64_t index) {
                            seen.push_back(index);
                            if (index == 777) {
                                source.request_stop();
                            }
                        },
                        {.grain = 1, .stop = source.get_token()}),
                 Cancelled);
    EXPECT_EQ(seen, first_numbers(778));
}

TEST_P(StreamOnEveryCrew, EndsAtItsDeadlineAlsoBetweenResultsThatAreThere) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::uint64_t consumed = 0;
    EXPECT_THROW(stream(pool, Range{0, 100}, index_of,
                        [&](std::uint64_t) {
                            ++consumed;
                            usleep(20'000);
                        },
                        {.grain = 1, .deadline = std::chrono::milliseconds(50)}),
                 Timeout);
    EXPECT_LT(consumed, 100U);
}

TEST_P(StreamOnEveryCrew, RunsJobsAndStreamsInItsConsumer) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::uint64_t sum = 0;
    stream(pool, Range{0, 20}, index_of,
           [&](std::uint64_t index) {
               const auto inner = stream_of(pool, index);
               sum +=
                   map_reduce(pool, Range{0, inner.size()}, index_of, std::plus<>{}, {.grain = 1})
                       .value;
           },
           {.grain = 1, .look_ahead = 3});
    EXPECT_EQ(sum, 1140U);  // of the triangular numbers below 20
}

TEST_P(StreamOnEveryCrew, RunsInsideMaps) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = map_reduce(pool, Range{0, 10},
                                   [](const Chunk&) {
                                       Pool inside;
                                       return stream_of(inside, 100) == first_numbers(100);
                                   },
                                   std::logical_and<>{}, {.grain = 1, .init = true});
    EXPECT_TRUE(result.value);
}

TEST_P(StreamOnEveryCrew, ConsumesAfterBothRunsOfARehearsal) {
    Pool pool = testing::make_pool(GetParam(), 2);
    EXPECT_EQ(stream_of(pool, 500, {.rehearse = true}), first_numbers(500));
    Numbers seen;
    EXPECT_THROW(
        stream(
            pool, Range{0, 500},
            [](const Chunk&) {
                static std::atomic<std::uint64_t> calls{0};
                return calls++;
            },
            [&](std::uint64_t index) { seen.push_back(index); }, {.grain = 1, .rehearse = true}),
        NotRepeatable);
    EXPECT_EQ(seen, Numbers{});
}

TEST_P(StreamOnEveryCrew, TellsItsProgress) {
    Pool pool = testing::make_pool(GetParam(), 2);
    Progress last;
    stream_of(pool, 100, {.progress = [&](const Progress& progress) { last = progress; }});
    EXPECT_EQ(last.chunks_done, 100U);
    EXPECT_EQ(last.chunks_total, 100U);
}

TEST_P(StreamOnEveryCrew, RefusesALookAheadElsewhere) {
    Pool pool = testing::make_pool(GetParam(), 2);
    try {
        for_each_chunk(pool, Range{0, 1}, [](const Chunk&) {}, {.look_ahead = 5});
        ADD_FAILURE() << "it was taken";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(),
                     "look_ahead 5 means nothing to this job: it is for stream() and gather()");
    }
}

TEST_P(StreamOnEveryCrew, RunsBesideOthers) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> hosts;
        for (int host = 0; host < 4; ++host) {
            hosts.emplace_back([&, host] {
                for (int job = 0; job < 20; ++job) {
                    const auto chunks = static_cast<std::uint64_t>(100 * host + job);
                    right += stream_of(pool, chunks, {.look_ahead = 9}) == first_numbers(chunks);
                }
            });
        }
    }
    EXPECT_EQ(right, 80);
}

INSTANTIATE_TEST_SUITE_P(Stream, StreamOnEveryCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

class StreamWithWorkers : public testing::NothingLeft,
                          public ::testing::WithParamInterface<Crew> {};

TEST_P(StreamWithWorkers, ConsumesAResultWhileALaterChunkRuns) {
    testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(GetParam(), 2);
    Numbers seen;
    stream(
        pool, Range{0, 2}, testing::AtGate{gate.get()},
        [](const testing::AtGate& at, const Chunk& chunk) {
            if (chunk.index == 1) {
                at.gate->pass();
            }
            return chunk.index;
        },
        [&](std::uint64_t index) {
            seen.push_back(index);
            gate->open();  // nobody else does
        },
        {.grain = 1});
    EXPECT_EQ(seen, first_numbers(2));
}

TEST_P(StreamWithWorkers, HoldsTheWorkersBackWhileItsConsumerIsBusy) {
    testing::Shared<std::atomic<std::uint64_t>> begun;
    Pool pool = testing::make_pool(GetParam(), 2);
    stream(pool, Range{0, 500}, trust([at = begun.get()](const Chunk& chunk) {
               at->fetch_add(1);
               return chunk.index;
           }),
           [&](std::uint64_t index) {
               if (index == 100) {  // long enough for all that they may do
                   EXPECT_TRUE(testing::eventually([&] { return *begun >= 105; }));
                   usleep(20'000);
                   EXPECT_LE(*begun, 110U);
               }
           },
           {.grain = 1, .look_ahead = 10});
    EXPECT_EQ(*begun, 500U);
}

TEST_P(StreamWithWorkers, GoesOnInItsCallersHandsWhereNoWorkerCanCome) {
    Pool pool = testing::make_pool(GetParam(), 1);
    if (pool.crew() != Crew::threads) {
        GTEST_SKIP() << "only maps on threads can wait for their host";
    }
    // The only worker waits in a map for a thread whose stream needs a worker.
    const auto result = map_reduce(
        pool, Range{0, 1}, trust(&pool),
        [](Pool* outer, const Chunk&) {
            bool is_right = false;
            std::jthread([&] { is_right = stream_of(*outer, 1000) == first_numbers(1000); }).join();
            return is_right;
        },
        std::logical_or<>{}, {.grain = 1});
    EXPECT_TRUE(result.value);
}

INSTANTIATE_TEST_SUITE_P(Stream, StreamWithWorkers,
                         ::testing::Values(Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

using StreamOfProcesses = testing::NothingLeft;

/// Its worker dies in the map of each of these chunks, as often as there are deaths left.
struct Killer {
    std::atomic<int>* deaths_left;
    std::uint64_t every;

    std::uint64_t operator()(const Chunk& chunk) const {
        if (chunk.index % every == every - 1 && deaths_left->fetch_sub(1) > 0) {
            kill(getpid(), SIGKILL);
        }
        return chunk.index;
    }
};

TEST_F(StreamOfProcesses, LosesAndDoublesNothingWhenWorkersAreKilled) {
    testing::Shared<std::atomic<int>> deaths_left;
    Pool pool = testing::make_pool(Crew::processes, 3);
    for (std::uint64_t round = 0; round < 30; ++round) {
        *deaths_left = 4;
        Numbers seen;
        const auto report =
            stream(pool, Range{0, 3000}, trust(Killer{deaths_left.get(), 101 + 20 * round}),
                   [&](std::uint64_t index) { seen.push_back(index); },
                   {.grain = 1, .max_attempts = 9, .look_ahead = 1 + 7 * round});
        EXPECT_EQ(seen, first_numbers(3000));
        EXPECT_EQ(report.deaths, 4U);
        EXPECT_EQ(report.chunks, 3000U);
    }
}

}  // namespace
}  // namespace pinfold
