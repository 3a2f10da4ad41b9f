// Keyed jobs inside of maps and tasks, beside one another, and with what they share with other
// jobs.
#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/engine/timeline.hpp>
#include <string>
#include <thread>
#include <vector>

#include "job/left_in.hpp"
#include "keyed/keyed_bytes.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::bytes_of;
using testing::left_in;

auto tens(Pool& pool, std::uint64_t n, const JobSettings& settings = {.grain = 100}) {
    return map_reduce_by_key<std::uint64_t, std::uint64_t>(
        pool, Range{0, n},
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit(k / 10, k);
            }
        },
        std::plus<>{}, settings);
}

/// 0 where something is wrong.
std::uint64_t checked_tens(Pool& pool, std::uint64_t n) {
    const auto result = tens(pool, n);
    std::uint64_t sum = 0;
    for (const auto& [key, value] : result.value) {
        sum += value;
    }
    return result.value.size() == (n + 9) / 10 ? sum : 0;
}

class KeyedJobs : public testing::OnEachCrew {
  protected:
    void TearDown() override {
        EXPECT_EQ(left_in(pool), 0U);
        OnEachCrew::TearDown();
    }
};

TEST_P(KeyedJobs, RunInsideMapsAndMayGiveWhatTheyFind) {
    const auto sum = map_reduce(pool, Range{0, 12},
                                [](const Chunk& chunk) {
                                    Pool inside;
                                    return checked_tens(inside, 1000 + chunk.index);
                                },
                                std::plus<>{}, {.grain = 1});
    std::uint64_t expected = 0;
    for (std::uint64_t n = 1000; n < 1012; ++n) {
        expected += n * (n - 1) / 2;
    }
    EXPECT_EQ(sum.value, expected);
}

/// An emit inside of an emitting map: each worker has two tables at a time.
TEST_P(KeyedJobs, RunInsideKeyedMaps) {
    const auto sums = map_reduce_by_key<std::uint64_t, std::uint64_t>(
        pool, Range{0, 20},
        [](const Chunk& chunk, auto& emit) {
            emit(1000, 1);
            Pool inside;
            const auto inner = tens(inside, 50 + 10 * chunk.index);
            for (const auto& [key, value] : inner.value) {
                emit(key, value);
            }
            emit(1000, 1);
        },
        std::plus<>{}, {.grain = 1});
    std::map<std::uint64_t, std::uint64_t> expected{{1000, 40}};
    for (std::uint64_t chunk = 0; chunk < 20; ++chunk) {
        for (std::uint64_t k = 0; k < 50 + 10 * chunk; ++k) {
            expected[k / 10] += k;
        }
    }
    EXPECT_EQ(sums.value.to_map(), expected);
}

TEST_P(KeyedJobs, RunInsideTasks) {
    std::vector<Future<std::uint64_t>> futures;
    for (std::uint64_t n = 500; n < 510; ++n) {
        futures.push_back(pool.submit(
            [](std::uint64_t count) {
                Pool inside;
                return checked_tens(inside, count);
            },
            n));
    }
    for (std::uint64_t n = 500; n < 510; ++n) {
        EXPECT_EQ(futures[n - 500].get(), n * (n - 1) / 2);
    }
}

TEST_P(KeyedJobs, RunBesideOneAnother) {
    const std::string expected = bytes_of(tens(pool, 20'000).value);
    std::vector<std::string> seen(3);
    std::vector<std::exception_ptr> thrown(3);
    {
        std::vector<std::jthread> hosts;
        for (std::size_t host = 0; host < seen.size(); ++host) {
            hosts.emplace_back([&, host] {
                try {
                    for (int round = 0; round < 5; ++round) {
                        const auto result = tens(pool, 20'000);
                        const std::string bytes = bytes_of(result.value);
                        seen[host] = round == 0 || seen[host] == bytes ? bytes : "others";
                    }
                } catch (...) {
                    thrown[host] = std::current_exception();
                }
            });
        }
    }
    for (std::size_t host = 0; host < seen.size(); ++host) {
        EXPECT_EQ(thrown[host], nullptr);
        EXPECT_EQ(seen[host], expected);
    }
}

TEST_P(KeyedJobs, RunFromProgressCallbacksOfOthers) {
    std::string seen;
    JobSettings settings{.grain = 100};
    settings.progress = [&](const Progress&) {
        if (seen.empty()) {
            seen = bytes_of(tens(pool, 5000).value);
        }
    };
    const auto result = tens(pool, 50'000, settings);
    EXPECT_EQ(result.value.size(), 5000U);
    EXPECT_EQ(seen, bytes_of(tens(pool, 5000).value));
}

TEST_P(KeyedJobs, KeepTheirTablesBesideWhateverRunsLater) {
    const auto first = tens(pool, 30'000);
    const std::string before = bytes_of(first.value);
    std::vector<std::uint64_t> later;
    for (std::uint64_t n = 1; n < 20; ++n) {
        const auto other = tens(pool, 1000 * n);
        later.push_back(other.value.size());
    }
    EXPECT_EQ(bytes_of(first.value), before);
    EXPECT_EQ(later.back(), 1900U);
}

/// However little the host may hold of what it has not taken yet.
TEST_P(KeyedJobs, GiveTheSameBytesWithAnyLookAhead) {
    const std::string expected = bytes_of(tens(pool, 30'000).value);
    for (const std::uint64_t look_ahead : {1U, 2U, 17U, 1000U}) {
        const auto result = tens(pool, 30'000, {.grain = 100, .look_ahead = look_ahead});
        EXPECT_EQ(bytes_of(result.value), expected);
    }
}

TEST_P(KeyedJobs, TellHowTheyWent) {
    Timeline timeline;
    std::uint64_t last_done = 0;
    std::uint64_t total = 0;
    JobSettings settings{.grain = 100};
    settings.timeline = &timeline;
    settings.progress = [&](const Progress& progress) {
        EXPECT_GE(progress.chunks_done, last_done);
        last_done = progress.chunks_done;
        total = progress.chunks_total;
    };
    const auto result = tens(pool, 30'000, settings);
    EXPECT_GE(result.report.chunks, 300U);
    EXPECT_EQ(last_done, total);
    EXPECT_GE(result.report.attempts, result.report.chunks);
    EXPECT_EQ(result.report.deaths, 0U);
}

INSTANTIATE_TEST_SUITE_P(Crews, KeyedJobs, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold
