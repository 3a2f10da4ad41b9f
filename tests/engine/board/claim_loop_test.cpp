#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

class EveryCrew : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {};

TEST_P(EveryCrew, RunsEachChunkOnceWhateverItsSetUp) {
    Pool pool = testing::make_pool(GetParam(), 3);
    for (const auto set_up : {std::chrono::nanoseconds(1), std::chrono::nanoseconds(1'000'000'000),
                              std::chrono::nanoseconds::max()}) {
        JobOptions<std::uint64_t> options;
        options.grain = 3;
        options.chunk_set_up = set_up;
        const auto result = map_reduce(
            pool, Range{0, 10'000}, Empty{}, [](const Empty&, const Chunk& c) { return c.begin; },
            std::plus<>{}, options);
        EXPECT_EQ(result.value, 3U * 3333 * 3334 / 2);
        EXPECT_EQ(result.report.attempts, 3334U);
    }
    JobOptions<int> negative;
    negative.chunk_set_up = std::chrono::nanoseconds(-1);
    EXPECT_THROW(map_reduce(
                     pool, Range{0, 1}, Empty{}, [](const Empty&, const Chunk&) { return 1; },
                     std::plus<>{}, negative),
                 std::invalid_argument);
}

struct Meeting {
    std::uint32_t* arrived;
    std::uint32_t expected;
};

/// A job of one chunk a worker, each of which waits until all have started, however busy the
/// machine is; after a minute it goes on, and the report shows who was missing.
JobResult<int> meet(Pool& pool, std::uint32_t workers) {
    const auto arrived = pool.array<std::uint32_t>(1);
    JobOptions<int> options;
    options.grain = 1;
    return map_reduce(
        pool, Range{0, workers}, Meeting{arrived.data(), workers},
        [](const Meeting& meeting, const Chunk&) {
            std::atomic_ref<std::uint32_t> here(*meeting.arrived);
            ++here;
            for (int ms = 0; ms < 60'000 && here < meeting.expected; ++ms) {
                usleep(1000);
            }
            return 1;
        },
        std::plus<>{}, options);
}

TEST_P(EveryCrew, ReportsTheWorkersThatRan) {
    const std::uint32_t workers = GetParam() == Crew::serial ? 1 : 2;
    Pool pool = testing::make_pool(GetParam(), 2, "cores");
    const auto result = meet(pool, workers);
    std::uint64_t chunks = 0;
    for (const WorkerReport& worker : result.report.workers) {
        chunks += worker.chunks;
        EXPECT_GT(worker.pid, 0);
        if (GetParam() == Crew::serial) {
            EXPECT_EQ(worker.cpu, -1) << "nobody bound the caller";
        } else {
            EXPECT_GE(worker.cpu, 0);
        }
        EXPECT_GT(worker.busy_seconds, 0);
    }
    EXPECT_EQ(chunks, workers);
    EXPECT_EQ(result.report.workers.size(), workers);
}

INSTANTIATE_TEST_SUITE_P(ClaimLoop, EveryCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

class ManyWorkers : public testing::NothingLeft {};

TEST_F(ManyWorkers, MoreThanCoresAllRun) {
    for (const Crew crew : {Crew::threads, Crew::processes}) {
        Pool pool = testing::make_pool(crew, 64, "cores");
        const auto result = meet(pool, 64);
        EXPECT_EQ(result.value, 64);
        EXPECT_EQ(result.report.workers.size(), 64U) << to_string(crew);
    }
}

TEST_F(ManyWorkers, RunWhatIsLeftOfTheBatchOfASlowChunk) {
    constexpr std::uint32_t chunks = 60;
    for (const Crew crew : {Crew::threads, Crew::processes}) {
        Pool pool = testing::make_pool(crew, 4);
        const auto arrived = pool.array<std::uint32_t>(1);
        JobOptions<int> options;
        options.grain = 1;
        options.chunk_set_up = std::chrono::seconds(1);  // makes batches long
        const auto result = map_reduce(
            pool, Range{0, chunks}, Meeting{arrived.data(), chunks},
            [](const Meeting& meeting, const Chunk& chunk) {
                std::atomic_ref<std::uint32_t> here(*meeting.arrived);
                ++here;
                for (int ms = 0; chunk.begin == 0 && ms < 60'000 && here < meeting.expected; ++ms) {
                    usleep(1000);
                }
                return chunk.begin == 0 && here == meeting.expected ? 1 : 0;
            },
            std::plus<>{}, options);
        EXPECT_EQ(result.value, 1) << "the first chunk waited in vain for those behind it";
    }
}

// Of the limits on its threads that TBB is given, the lowest counts.
TEST(PoolsOfThreads, HaveAllTheirWorkersBesideEachOther) {
    Pool small = testing::make_pool(Crew::threads, 2);
    Pool large = testing::make_pool(Crew::threads, 16);
    const auto meet_all = [](Pool& pool) {
        return meet(pool, static_cast<std::uint32_t>(pool.workers())).report.workers.size();
    };
    std::size_t met_in_small = 0;
    std::thread beside([&] { met_in_small = meet_all(small); });
    EXPECT_EQ(meet_all(large), 16U);
    beside.join();
    EXPECT_EQ(met_in_small, 2U);
    large = Pool({.crew = Crew::serial});
    EXPECT_EQ(meet_all(small), 2U);
}

}  // namespace
}  // namespace pinfold
