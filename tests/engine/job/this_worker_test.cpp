// What a map knows of the worker that runs it, and what it may keep there from chunk to chunk.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <pinfold/engine/this_worker.hpp>
#include <set>
#include <span>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

void expect_same(const Worker& a, const Worker& b) {
    EXPECT_EQ(a.number, b.number);
    EXPECT_EQ(a.pid, b.pid);
    EXPECT_EQ(a.cpu, b.cpu);
}

Worker outside_of_maps() {
    return {.number = 0, .pid = getpid(), .cpu = -1};
}

class ThisWorkerOfEveryCrew : public testing::NothingLeft,
                              public ::testing::WithParamInterface<Crew> {};

constexpr std::uint64_t chunks = 2000;

TEST_P(ThisWorkerOfEveryCrew, IsTheOneThatTheReportNames) {
    Pool pool = testing::make_pool(GetParam(), 2, "cores");
    const auto seen = pool.array<Worker>(chunks);
    const auto result = map_reduce(
        pool, Range{0, chunks}, seen.span(),
        [](const std::span<Worker>& all, const Chunk& chunk) {
            usleep(1);
            all[chunk.index] = this_worker();
            return 0;
        },
        std::plus<>{}, JobOptions<int>{.grain = 1});
    std::map<int, std::uint64_t> chunks_of;
    for (const Worker& worker : seen) {
        ++chunks_of[worker.number];
    }
    ASSERT_EQ(result.report.workers.size(), chunks_of.size());
    for (const WorkerReport& reported : result.report.workers) {
        EXPECT_EQ(chunks_of[reported.worker], reported.chunks);
        for (const Worker& worker : seen) {
            if (worker.number == reported.worker) {
                expect_same(worker, {reported.worker, reported.pid, reported.cpu});
            }
        }
    }
}

TEST_P(ThisWorkerOfEveryCrew, IsWithNumberZeroOutsideOfMaps) {
    expect_same(this_worker(), outside_of_maps());
    Pool pool = testing::make_pool(GetParam(), 2);
    std::optional<Worker> in_fold;
    map_reduce(
        pool, Range{0, 100}, Empty{}, [](const Empty&, const Chunk&) { return 0; },
        [&](int, int) {
            in_fold = this_worker();
            return 0;
        });
    expect_same(in_fold.value(), outside_of_maps());
    expect_same(this_worker(), outside_of_maps());
}

struct Nested {
    Worker before;
    Worker inside;
    Worker after;
};

TEST_P(ThisWorkerOfEveryCrew, IsTheOuterOneInAJobInsideAMap) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto seen = pool.array<Nested>(100);
    map_reduce(
        pool, Range{0, seen.size()}, seen.span(),
        [](const std::span<Nested>& all, const Chunk& chunk) {
            Nested& nested = all[chunk.index];
            nested.before = this_worker();
            Pool inner({.arena_bytes = std::size_t{1} << 20});
            map_reduce(
                inner, Range{0, 10}, Empty{},
                [](const Empty&, const Chunk&) { return this_worker(); },
                [&](const Worker&, const Worker& worker) {
                    nested.inside = worker;
                    return worker;
                });
            nested.after = this_worker();
            return 0;
        },
        std::plus<>{}, JobOptions<int>{.grain = 1});
    for (const Nested& nested : seen) {
        expect_same(nested.inside, nested.before);
        expect_same(nested.after, nested.before);
    }
}

TEST_P(ThisWorkerOfEveryCrew, IsNoneAfterAMapThatThrew) {
    Pool pool = testing::make_pool(GetParam(), 2);
    EXPECT_THROW(map_reduce(
                     pool, Range{0, 10}, Empty{},
                     [](const Empty&, const Chunk&) -> int { throw std::runtime_error("no"); },
                     std::plus<>{}),
                 JobFailed);
    expect_same(this_worker(), outside_of_maps());
}

class ThisWorker : public testing::NothingLeft {};

TEST_F(ThisWorker, IsKnownToTheInitializer) {
    static Worker in_initializer;
    Pool pool({.workers = 2, .pin = "none", .arena_bytes = std::size_t{1} << 30, .initializer = [] {
                   in_initializer = this_worker();
               }});
    const auto same = map_reduce(
        pool, Range{0, 1000}, Empty{},
        [](const Empty&, const Chunk&) {
            const Worker here = this_worker();
            return here.number == in_initializer.number && here.pid == in_initializer.pid &&
                           here.pid == getpid()
                       ? 1
                       : 0;
        },
        std::plus<>{}, JobOptions<int>{.grain = 1});
    EXPECT_EQ(same.value, 1000);
}

TEST_F(ThisWorker, HasTheNumberOfTheDeadOneThatItReplaces) {
    Pool pool = testing::make_pool(Crew::processes, 1);
    const auto lives = pool.array<Worker>(2);
    map_reduce(
        pool, Range{0, 1}, lives.span(),
        [](const std::span<Worker>& both, const Chunk&) {
            const bool is_first = both[0].pid == 0;
            both[is_first ? 0 : 1] = this_worker();
            if (is_first) {
                raise(SIGKILL);
            }
            return 0;
        },
        std::plus<>{});
    EXPECT_EQ(lives[0].number, lives[1].number);
    EXPECT_NE(lives[0].pid, lives[1].pid);
}

/// What a map finds in a thread_local object.
struct Visit {
    int thread = 0;
    int chunks_before = 0;
    bool was_made_here = false;
};

class Visits {
  public:
    Visit next() {
        return {
            .thread = gettid(), .chunks_before = chunks_++, .was_made_here = made_in_ == gettid()};
    }
    [[nodiscard]] int chunks() const { return chunks_; }

  private:
    int made_in_ = gettid();
    int chunks_ = 0;
};

thread_local Visits visits;

constexpr auto visit_map = [](const std::span<Visit>& all, const Chunk& chunk) {
    usleep(1);
    all[chunk.index] = visits.next();
    return 0;
};

class ThreadLocalsOfEveryCrew : public testing::NothingLeft,
                                public ::testing::WithParamInterface<Crew> {};

TEST_P(ThreadLocalsOfEveryCrew, AreOneForEachWorkerAndLiveFromChunkToChunk) {
    const int before = visits.chunks();
    {
        Pool pool = testing::make_pool(GetParam(), 2);
        const auto seen = pool.array<Visit>(2 * chunks);
        for (const std::uint64_t job : {0U, 1U}) {
            map_reduce(pool, Range{0, chunks}, seen.span().subspan(job * chunks, chunks), visit_map,
                       std::plus<>{}, JobOptions<int>{.grain = 1});
        }
        std::map<int, std::set<int>> visits_of;
        for (const Visit& visit : seen) {
            EXPECT_TRUE(visit.was_made_here);
            EXPECT_TRUE(visits_of[visit.thread].insert(visit.chunks_before).second);
        }
        for (const auto& [thread, numbers] : visits_of) {
            const int first = thread == gettid() ? before : 0;
            EXPECT_EQ(*numbers.begin(), first);
            EXPECT_EQ(*numbers.rbegin(), first + static_cast<int>(numbers.size()) - 1);
        }
    }
    const int of_the_caller = GetParam() == Crew::serial ? static_cast<int>(2 * chunks) : 0;
    EXPECT_EQ(visits.chunks() - before, of_the_caller);
}

TEST(ThreadLocals, StartFreshInAWorkerThatReplacesADeadOne) {
    visits.next();  // the host's own, which no worker sees
    Pool pool = testing::make_pool(Crew::processes, 1);
    const auto seen = pool.array<Visit>(100);
    const auto result = map_reduce(
        pool, Range{0, seen.size()}, seen.span(),
        [](const std::span<Visit>& all, const Chunk& chunk) {
            const bool is_again = all[chunk.index].thread != 0;
            all[chunk.index] = visits.next();
            if (chunk.index == 50 && !is_again) {
                raise(SIGKILL);
            }
            return 0;
        },
        std::plus<>{}, JobOptions<int>{.grain = 1});
    EXPECT_EQ(result.report.deaths, 1U);
    std::map<int, std::set<int>> visits_of;
    for (const Visit& visit : seen) {
        visits_of[visit.thread].insert(visit.chunks_before);
    }
    EXPECT_EQ(visits_of.size(), 2U);
    for (const auto& [thread, numbers] : visits_of) {
        EXPECT_EQ(*numbers.begin(), 0) << thread;
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, ThisWorkerOfEveryCrew, ::testing::ValuesIn(testing::all_crews));
INSTANTIATE_TEST_SUITE_P(Crews, ThreadLocalsOfEveryCrew, ::testing::ValuesIn(testing::all_crews));

}  // namespace
}  // namespace pinfold
