#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/engine/tasks/async.hpp>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "on_each_crew.hpp"

namespace pinfold {

namespace {

using namespace std::chrono_literals;

constexpr auto size_of = [](const Chunk& chunk) { return chunk.size(); };

constexpr auto nap = [](const Chunk&) {
    std::this_thread::sleep_for(1ms);
    return 1;
};

class AsyncTest : public testing::OnEachCrew {};

TEST_P(AsyncTest, GivesWhatTheCallGives) {
    auto sum = map_reduce_async(pool, Range{0, 1000}, size_of, std::plus<>{},
                                {.grain = 10, .init = std::uint64_t{5}});
    EXPECT_EQ(sum.get().value, 1005U);
    EXPECT_EQ(sum.get().report.chunks, 100U);
    const auto squares = pool.array<std::uint64_t>(100);
    auto filled = for_each_async(pool, Range{0, 100}, [squares](auto k) { squares[k] = k * k; });
    EXPECT_EQ(filled.get().chunks, 100U);
    EXPECT_EQ(squares[99], 9801U);
    auto loud = pool.array<std::uint64_t>(100);
    auto doubled = transform_async(pool, squares, loud, [](std::uint64_t x) { return 2 * x; });
    doubled.wait();
    EXPECT_EQ(loud[10], 200U);
    EXPECT_EQ(reduce_async(pool, squares, std::uint64_t{0}, std::plus<>{}).get().value, 328350U);
    EXPECT_EQ(count_if_async(pool, squares, [](std::uint64_t x) { return x < 100; }).get().value,
              10U);
    auto with_job = map_reduce_async(pool, Range{0, 10}, 3,
                                     [](const int& factor, const Chunk&) { return factor; },
                                     std::plus<>{}, {.grain = 1});
    EXPECT_EQ(std::move(with_job).get().value, 30);
}

TEST_P(AsyncTest, EachCallHasOne) {
    const JobSettings settings{.grain = 10};
    const auto numbers = pool.array(std::vector<int>{3, 1, 2});
    EXPECT_EQ(reduce_async(pool, numbers, 0).get().value, 6);
    EXPECT_EQ(reduce_async(pool, numbers, 1, std::multiplies<>{}, settings).get().value, 6);
    const auto least = min_element_async(pool, numbers);
    EXPECT_EQ(least.get().value->at, 1U);
    const auto most = max_element_async(
        pool, Range{0, 100}, [](std::uint64_t k) { return k % 10; }, settings);
    EXPECT_EQ(most.get().value->at, 9U);
    EXPECT_EQ(max_element_async(pool, numbers, settings).get().value->at, 0U);
    const auto append = [](const Chunk& chunk, Appender<std::uint64_t>& out) {
        out.push_back(chunk.begin);
    };
    const auto begins = gather_async<std::uint64_t>(pool, Range{0, 30}, append, settings);
    EXPECT_EQ(begins.get().value.size(), 3U);
    EXPECT_EQ(begins.get().value[2], 20U);
    const auto folded = map_fold_async(
        pool, Range{0, 30}, size_of, std::vector<std::uint64_t>(),
        [](std::vector<std::uint64_t>& all, std::uint64_t next) { all.push_back(next); }, settings);
    EXPECT_EQ(folded.get().value, std::vector<std::uint64_t>(3, 10));
}

TEST_P(AsyncTest, JobsOfChunksAndPhases) {
    const JobSettings settings{.grain = 5};
    const auto out = pool.array<int>(10);
    const auto fill = [](const int& job, std::span<int> to) { std::ranges::fill(to, job); };
    EXPECT_EQ(transform_chunks_async(pool, Range{0, 10}, out, 7, fill, settings).get().chunks, 2U);
    EXPECT_EQ(out[9], 7);
    const auto add = [](const int& job, const Chunk& chunk, Appender<int>& to) {
        to.push_back(job + static_cast<int>(chunk.begin));
    };
    EXPECT_EQ(gather_async<int>(pool, Range{0, 10}, 7, add, settings).get().value[1], 12);
    const auto give = [](const int& job, const Chunk&) { return job; };
    EXPECT_EQ(map_fold_async(pool, Range{0, 10}, 7, give, 1, std::plus<>{}, settings).get().value,
              15);
    Phases<int> phases;
    phases.add({.range = {0, 2}, .bytes = 2 * sizeof(int)},
               [](int job, const Chunk& chunk, const PhaseMemory& memory) {
                   for (const auto k : chunk) {
                       memory.of<int>(0)[k] = job;
                   }
               });
    const auto behind = [](int, const Chunk&, const PhaseMemory& memory) {
        return memory.of<int>(0)[1];
    };
    EXPECT_EQ(map_reduce_async(pool, Range{0, 10}, 7, phases, behind, std::plus<>{}, settings)
                  .get()
                  .value,
              14);
}

TEST_P(AsyncTest, ManyRunSideBySideWithJobsAndTasks) {
    std::vector<Future<JobResult<std::uint64_t>>> futures;
    for (std::uint64_t i = 1; i <= 100; ++i) {
        futures.push_back(
            map_reduce_async(pool, Range{0, i}, size_of, std::plus<>{}, {.grain = 1}));
    }
    EXPECT_EQ(map_reduce(pool, Range{0, 77}, size_of, std::plus<>{}).value, 77U);
    EXPECT_EQ(pool.submit([] { return 7; }).get(), 7);
    std::uint64_t sum = 0;
    for (auto& future : as_completed(futures)) {
        sum += future.get().value;
    }
    EXPECT_EQ(sum, 5050U);
}

TEST_P(AsyncTest, ThrowsWhatTheCallThrows) {
    const auto fails = [](const Chunk&) -> int { throw std::runtime_error("no value"); };
    auto failed = map_reduce_async(pool, Range{0, 1}, fails, std::plus<>{});
    EXPECT_THROW(static_cast<void>(failed.get()), JobFailed);
    auto refused = map_reduce_async(pool, Range{5, 1}, size_of, std::plus<>{});
    EXPECT_THROW(static_cast<void>(refused.get()), std::invalid_argument);
    std::stop_source source;
    source.request_stop();
    auto stopped = map_reduce_async(pool, Range{0, 1'000'000}, nap, std::plus<>{},
                                    {.grain = 1, .stop = source.get_token()});
    EXPECT_THROW(static_cast<void>(stopped.get()), Cancelled);
}

TEST_P(AsyncTest, FoldsThatCannotBeCopiedAndThen) {
    auto sum = map_reduce_async(pool, Range{0, 10}, size_of,
                                [one = std::make_unique<int>(0)](std::uint64_t a, std::uint64_t b) {
                                    return a + b + static_cast<std::uint64_t>(*one);
                                })
                   .then([](const JobResult<std::uint64_t>& r) { return r.value + 1; });
    EXPECT_EQ(sum.get(), 11U);
}

TEST_P(AsyncTest, CancelledItsJobStops) {
    if (pool.crew() == Crew::serial) {
        return;  // the job has run when the call returns
    }
    auto endless = map_reduce_async(pool, Range{0, 1'000'000}, nap, std::plus<>{}, {.grain = 1});
    EXPECT_FALSE(endless.wait_for(20ms));
    EXPECT_TRUE(endless.cancel());
    EXPECT_TRUE(endless.cancelled());
    EXPECT_THROW(static_cast<void>(endless.get()), Cancelled);
    EXPECT_EQ(map_reduce(pool, Range{0, 9}, size_of, std::plus<>{}).value, 9U);
}

TEST_P(AsyncTest, AtThePoolsEndItIsCancelledAndItsThreadIsJoined) {
    if (pool.crew() == Crew::serial) {
        return;
    }
    std::optional<Future<JobReport>> endless;
    bool was_folded = false;
    {
        Pool own = testing::make_pool(GetParam(), 2);
        endless = for_each_chunk_async(own, Range{0, 1'000'000}, nap, {.grain = 1});
        auto gone =
            map_reduce_async(own, Range{0, 100}, size_of, [&](std::uint64_t a, std::uint64_t b) {
                was_folded = true;
                return a + b;
            });
        Pool moved = std::move(own);
        EXPECT_EQ(gone.get().value, 100U);
    }
    EXPECT_TRUE(was_folded);
    EXPECT_TRUE(endless->cancelled());
    EXPECT_THROW(static_cast<void>(endless->get()), Cancelled);
}

TEST_P(AsyncTest, InsideATaskItHasRunWhenTheCallReturns) {
    Pool& outer = pool;
    if (pool.crew() == Crew::processes) {
        return;  // a worker has no Pool object of its own
    }
    auto inside = outer.submit(
        [](Pool* p) {
            auto sum = map_reduce_async(*p, Range{0, 10}, size_of, std::plus<>{});
            return sum.done() ? sum.get().value : 0;
        },
        trust(&outer));
    EXPECT_EQ(inside.get(), 10U);
}

/// Either would take seconds, and the other one does not wait for it.
TEST_P(AsyncTest, JobsAndTasksTakeTurns) {
    if (GetParam() == Crew::serial) {
        GTEST_SKIP() << "a pool of Crew::serial does one thing after the other";
    }
    auto job = map_reduce_async(pool, Range{0, 20'000}, nap, std::plus<>{}, {.grain = 1});
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(pool.submit([](int x) { return x; }, i).get(), i);
    }
    EXPECT_FALSE(job.done());
    EXPECT_TRUE(job.cancel());
    std::vector<Future<void>> many;
    for (int i = 0; i < 4000; ++i) {
        many.push_back(pool.submit([] { std::this_thread::sleep_for(1ms); }));
    }
    const auto sum = map_reduce(pool, Range{0, 30}, size_of, std::plus<>{}, {.grain = 1});
    EXPECT_EQ(sum.value, 30U);
    EXPECT_FALSE(many.back().done());
    pool.shutdown(Shutdown::cancel_pending);
}

INSTANTIATE_TEST_SUITE_P(Crews, AsyncTest, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& test) { return std::string(to_string(test.param)); });

}  // namespace

}  // namespace pinfold
