#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <pinfold/engine/chunk_seed.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "leftovers.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Empty;

class EveryCrew : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {};

TEST_P(EveryCrew, SumsARangeForAnyWorkersAndGrain) {
    for (const int workers : {1, 2, 3, 7}) {
        Pool pool = testing::make_pool(GetParam(), workers);
        for (const std::uint64_t grain : {1U, 2U, 7U, 100U, 9'999U, 10'000U, 1'000'000U}) {
            JobOptions<std::uint64_t> options;
            options.grain = grain;
            const auto result = map_reduce(pool, Range{0, 10'000}, Empty{}, testing::sum_map,
                                           std::plus<>{}, options);
            EXPECT_EQ(result.value, testing::sum_below(10'000)) << workers << " " << grain;
            EXPECT_EQ(result.report.chunks, (10'000 + grain - 1) / grain);
            EXPECT_EQ(result.report.attempts, result.report.chunks);
        }
    }
}

TEST_P(EveryCrew, FoldsInChunkOrder) {
    Pool pool = testing::make_pool(GetParam(), 3);
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    std::vector<std::uint64_t> seen;
    map_reduce(
        pool, Range{0, 1000}, Empty{}, [](const Empty&, const Chunk& c) { return c.index; },
        [&](std::uint64_t, std::uint64_t index) {
            seen.push_back(index);
            return index;
        },
        options);
    std::vector<std::uint64_t> expected(1000);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(seen, expected);
}

// A sum of doubles whose bits depend on the order, random numbers included.
double noisy_sum(Pool& pool, std::uint64_t grain) {
    JobOptions<double> options;
    options.grain = grain;
    return map_reduce(
               pool, Range{1, 20'001}, std::uint64_t{42},
               [](const std::uint64_t& seed, const Chunk& chunk) {
                   double sum = static_cast<double>(chunk_seed(seed, chunk.index) >> 11) * 0x1p-53;
                   for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                       sum += std::sin(static_cast<double>(i)) / static_cast<double>(i);
                   }
                   return sum;
               },
               std::plus<>{}, options)
        .value;
}

TEST_P(EveryCrew, GivesTheSerialBitsForFloatingPoint) {
    Pool serial = testing::make_pool(Crew::serial, 1);
    for (const std::uint64_t grain : {1U, 13U, 512U}) {
        const double expected = noisy_sum(serial, grain);
        for (const int workers : {1, 2, 5, 16}) {
            Pool pool = testing::make_pool(GetParam(), workers);
            const double value = noisy_sum(pool, grain);
            EXPECT_EQ(std::memcmp(&value, &expected, sizeof value), 0) << workers << " " << grain;
        }
    }
}

TEST_P(EveryCrew, AnswersAnEmptyRangeWithTheInit) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<std::uint64_t> options;
    options.init = 77;
    const auto result =
        map_reduce(pool, Range{5, 5}, Empty{}, testing::sum_map, std::plus<>{}, options);
    EXPECT_EQ(result.value, 77U);
    EXPECT_EQ(result.report.chunks, 0U);
}

TEST_P(EveryCrew, ReachesTheLastOf64Bits) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<std::uint64_t> options;
    options.grain = 3;
    const uint128 end = two_to_64;
    const auto result = map_reduce(
        pool, Range{~std::uint64_t{0} - 9, end}, Empty{},
        [](const Empty&, const Chunk& c) { return static_cast<std::uint64_t>(c.size()); },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 10U);
}

TEST_P(EveryCrew, TurnsAnExceptionIntoJobFailed) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<int> options;
    options.grain = 10;
    const auto map = [](const Empty&, const Chunk& c) {
        if (c.index == 3) {
            throw std::out_of_range("chunk three is cursed");
        }
        return 1;
    };
    try {
        map_reduce(pool, Range{0, 100}, Empty{}, map, std::plus<>{}, options);
        FAIL() << "no exception";
    } catch (const JobFailed& e) {
        EXPECT_EQ(e.details().chunk.begin, 30U);
        EXPECT_TRUE(e.details().chunk.end == 40);
        EXPECT_EQ(e.details().exception_type, "std::out_of_range");
        EXPECT_EQ(e.details().exception_text, "chunk three is cursed");
        EXPECT_NE(std::string(e.what()).find("Range{30u, 40}, grain 10"), std::string::npos);
    }
    const auto again = map_reduce(pool, Range{0, 30}, Empty{}, map, std::plus<>{}, options);
    EXPECT_EQ(again.value, 3) << "the pool stays usable";
}

TEST_P(EveryCrew, SkipsWhatThrowsWhenToldTo) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<int> options;
    options.grain = 10;
    options.on_poison = OnPoison::skip;
    const auto result = map_reduce(
        pool, Range{0, 100}, Empty{},
        [](const Empty&, const Chunk& c) {
            if (c.index % 4 == 3) {
                throw 5;
            }
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 8);
    ASSERT_EQ(result.report.skipped.size(), 2U);
    EXPECT_EQ(result.report.skipped[0].chunk.begin, 30U);
    EXPECT_EQ(result.report.skipped[1].chunk.begin, 70U);
}

TEST_P(EveryCrew, MapsArraysAsSpansAndTransformsThem) {
    Pool pool = testing::make_pool(GetParam(), 2);
    auto input = pool.array<std::uint32_t>(100'000);
    std::iota(input.begin(), input.end(), 0U);
    auto output = pool.array<std::uint64_t>(100'000);
    const JobReport report =
        transform_chunks(pool, input, output, std::uint64_t{3},
                         [](const std::uint64_t& factor, std::span<const std::uint32_t> in,
                            std::span<std::uint64_t> out, const Chunk&) {
                             for (std::size_t i = 0; i < in.size(); ++i) {
                                 out[i] = factor * in[i];
                             }
                         });
    EXPECT_GT(report.chunks, 1U);
    EXPECT_EQ(output[99'999], 299'997U);
    const auto sum = map_reduce(
        pool, output, Empty{},
        [](const Empty&, std::span<const std::uint64_t> part, const Chunk&) {
            return std::accumulate(part.begin(), part.end(), std::uint64_t{0});
        },
        std::plus<>{});
    EXPECT_EQ(sum.value, 3 * testing::sum_below(100'000));
}

TEST_P(EveryCrew, CompletesJobsOfSeveralThreads) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::atomic<int> right{0};
    std::vector<std::jthread> hosts;
    for (int t = 0; t < 24; ++t) {
        hosts.emplace_back([&, t] {
            for (int i = 0; i < 20; ++i) {
                const auto n = static_cast<std::uint64_t>(1000 + 10 * t + i);
                const auto result =
                    map_reduce(pool, Range{0, n}, Empty{}, testing::sum_map, std::plus<>{});
                right += result.value == testing::sum_below(n) ? 1 : 0;
            }
        });
    }
    hosts.clear();
    EXPECT_EQ(right, 24 * 20);
}

TEST_P(EveryCrew, RunsAJobInsideAMapSerially) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = map_reduce(
        pool, Range{0, 20}, Empty{},
        [](const Empty&, const Chunk&) {
            Pool inner({.workers = 1, .arena_bytes = std::size_t{1} << 24});
            return map_reduce(inner, Range{0, 100}, Empty{}, testing::sum_map, std::plus<>{}).value;
        },
        std::plus<>{});
    EXPECT_EQ(result.value, 20 * testing::sum_below(100));
}

TEST_P(EveryCrew, TellsItsProgress) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<int> options;
    options.grain = 1;
    Progress last;
    options.progress = [&](const Progress& p) { last = p; };
    map_reduce(
        pool, Range{0, 30}, Empty{},
        [](const Empty&, const Chunk&) {
            usleep(1000);
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(last.chunks_done, 30U);
    EXPECT_EQ(last.chunks_total, 30U);
}

TEST_P(EveryCrew, SurvivesAProgressCallbackThatThrows) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<int> options;
    options.progress = [](const Progress&) { throw std::runtime_error("enough"); };
    const auto map = [](const Empty&, const Chunk&) { return 1; };
    EXPECT_THROW(map_reduce(pool, Range{0, 10}, Empty{}, map, std::plus<>{}, options),
                 std::runtime_error);
    EXPECT_EQ(map_reduce(pool, Range{0, 10}, Empty{}, map, std::plus<>{}).value, 10);
}

TEST_P(EveryCrew, StopsAtARequest) {
    const testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(GetParam(), 2);
    std::stop_source source;
    JobOptions<int> options;
    options.grain = 1;
    options.stop = source.get_token();
    std::jthread later([&] {
        EXPECT_TRUE(gate->wait_for(1));
        source.request_stop();
    });
    const auto run = [&] {
        map_reduce(
            pool, Range{0, 100'000}, testing::AtGate{gate.get()},
            [](const testing::AtGate& at, const Chunk&) {
                at.gate->arrive();
                usleep(1000);
                return 1;
            },
            std::plus<>{}, options);
    };
    EXPECT_THROW(run(), Cancelled);
}

TEST_P(EveryCrew, StopsAtItsDeadline) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<int> options;
    options.grain = 1;
    options.deadline = std::chrono::milliseconds(5);
    const auto slow_map = [](const Empty&, const Chunk&) {
        usleep(1000);
        return 1;
    };
    EXPECT_THROW(map_reduce(pool, Range{0, 100'000}, Empty{}, slow_map, std::plus<>{}, options),
                 Timeout);
    options.deadline = {};
    EXPECT_EQ(map_reduce(pool, Range{0, 5}, Empty{}, slow_map, std::plus<>{}, options).value, 5);
}

INSTANTIATE_TEST_SUITE_P(MapReduce, EveryCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

class MapReduceForked : public testing::NothingLeft {};

TEST_F(MapReduceForked, MapsWithCaptures) {
    std::vector<std::uint64_t> weights(1000);
    std::iota(weights.begin(), weights.end(), 1);
    std::uint64_t factor = 5;
    const auto result = map_reduce_forked(
        {.workers = 2, .pin = "none"}, Range{0, 1000},
        [&](const Chunk& c) {
            return factor * std::accumulate(weights.begin() + static_cast<std::ptrdiff_t>(c.begin),
                                            weights.begin() + static_cast<std::ptrdiff_t>(c.end),
                                            std::uint64_t{0});
        },
        std::plus<>{});
    EXPECT_EQ(result.value, 5U * 500'500U);
}

class RefusedAtOnce : public testing::NothingLeft {};

template <typename Call>
std::string refusal(Call call) {
    try {
        call();
        return "accepted";
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
}

TEST_F(RefusedAtOnce, DataOutsideTheArena) {
    Pool pool = testing::make_pool(Crew::processes, 1);
    std::vector<int> data(10);
    const std::string text = refusal([&] {
        map_reduce(
            pool, std::span<int>(data), Empty{},
            [](const Empty&, std::span<const int>, const Chunk&) { return 1; }, std::plus<>{});
    });
    EXPECT_EQ(text, "the input does not lie in the pool's arena; take it from pool.array()");
}

TEST_F(RefusedAtOnce, AnOutputThatOverlapsTheInput) {
    Pool pool = testing::make_pool(Crew::processes, 1);
    const auto data = pool.array<int>(10);
    const std::string text = refusal([&] {
        transform_chunks(pool, data, data, Empty{},
                         [](const Empty&, std::span<const int>, std::span<int>, const Chunk&) {});
    });
    EXPECT_NE(text.find("overlaps"), std::string::npos);
}

template <std::size_t Bytes>
struct Large {
    std::array<char, Bytes> bytes;
};

TEST(DefaultPlans, LookAtTheSizeOfAResult) {
    Pool pool = testing::make_pool(Crew::serial, 1);
    const auto data = pool.array<char>(10'000'000);
    const auto chunks = [&]<std::size_t Bytes>(Large<Bytes> result, auto in) {
        const auto keep = [](Large<Bytes> a, const Large<Bytes>&) { return a; };
        if constexpr (std::is_same_v<decltype(in), Range>) {
            const auto forked = map_reduce_forked(
                {.crew = Crew::serial}, in, [&](const Chunk&) { return result; }, keep);
            const auto job = map_reduce(
                pool, in, result, [](const Large<Bytes>& r, const Chunk&) { return r; }, keep);
            EXPECT_EQ(forked.report.chunks, job.report.chunks);
            return job.report.chunks;
        } else {
            return map_reduce(
                       pool, in, result,
                       [](const Large<Bytes>& r, std::span<const char>, const Chunk&) { return r; },
                       keep)
                .report.chunks;
        }
    };
    EXPECT_EQ(chunks(Large<256>{}, Range{0, 10'000'000}), 4096U);
    EXPECT_EQ(chunks(Large<1024>{}, Range{0, 10'000'000}), 1024U);
    EXPECT_EQ(chunks(Large<6144>{}, Range{0, 10'000'000}), 256U);
    EXPECT_EQ(chunks(Large<256>{}, data), 2442U);
    EXPECT_EQ(chunks(Large<6144>{}, data), 256U);
}

TEST_F(RefusedAtOnce, OptionsThatTheCrewCannotGive) {
    Pool pool = testing::make_pool(Crew::threads, 1);
    JobOptions<std::uint64_t> options;
    options.chunk_deadline = std::chrono::seconds(1);
    EXPECT_EQ(refusal([&] {
                  map_reduce(pool, Range{0, 1}, Empty{}, testing::sum_map, std::plus<>{}, options);
              }),
              "chunk_deadline needs the crew 'processes', not 'threads'");
    EXPECT_EQ(refusal([] { Pool({.crew = Crew::serial, .worker_memory_limit = 1}); }),
              "worker_memory_limit needs the crew 'processes', not 'serial'");
}

TEST_F(RefusedAtOnce, NumbersOutsideTheirLimits) {
    EXPECT_EQ(refusal([] { Pool({.workers = 1'000'000'000}); }),
              "workers 1000000000 is outside 1 to 1024 (0 takes one for each core)");
    EXPECT_NE(refusal([] { Pool({.workers = 1, .pin = "sideways"}); }).find("sideways"),
              std::string::npos);
    Pool pool = testing::make_pool(Crew::serial, 1);
    JobOptions<std::uint64_t> options;
    options.max_attempts = 0;
    EXPECT_EQ(refusal([&] {
                  map_reduce(pool, Range{0, 1}, Empty{}, testing::sum_map, std::plus<>{}, options);
              }),
              "max_attempts 0 is outside 1 to 100");
}

}  // namespace
}  // namespace pinfold
