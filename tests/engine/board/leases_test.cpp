// Leases of chunks: that they are taken where they may be, and that nobody waits behind one.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <string>

#include "board/boards.hpp"
#include "board/claim_loop.hpp"
#include "board/played_table.hpp"
#include "crews.hpp"
#include "job/job_run.hpp"
#include "leftovers.hpp"

namespace pinfold::detail {
namespace {

constexpr std::uint64_t chunks = 4096;

/// A board with a job of short chunks, for one worker that the test plays.
class Stage {
  public:
    explicit Stage(bool may_lease) : played_(may_lease), boards_(played_.table, heap_, true) {}

    /// Runs the job to its end. Returns how many leases were taken, of as many as there are.
    std::uint64_t run(const JobSettings& settings) {
        JobSpec spec = job_spec<std::uint64_t>(ChunkPlan(Range{0, chunks}, 1), settings);
        spec.call = [](ChunkRow& all) {
            run_row_with_results<std::uint64_t>(all, [](const ChunkRow& row) { return row.at; });
        };
        JobRun job(boards_, spec);
        EXPECT_TRUE(job.try_open());
        ClaimLoop worker(played_.table, 0);
        while (!job.look()) {
            worker.work_on(0, [] { return ClaimLoop::Asked{}; });
        }
        std::uint64_t leased = 0;
        for (std::uint64_t place = 0; place < chunks; place += lease_chunks) {
            leased += lease_at(played_.boards[0], place).kind == LeaseKind::leased ? 1U : 0U;
        }
        EXPECT_TRUE(job.close());
        std::uint64_t sum = 0;
        job.settle([&](const Results& results) {
            for (std::uint64_t i = 0; i < results.count; ++i) {
                sum += results.at<std::uint64_t>(i);
            }
        });
        EXPECT_EQ(sum, testing::sum_below(chunks));
        return leased;
    }

  private:
    testing::PlayedTable<1, 1> played_;
    HeapBlocks heap_;
    Boards boards_;
};

TEST(Leases, AreTakenOfMostShortChunks) {
    if (!shm::heavy_fence()) {
        GTEST_SKIP() << "this system has no membarrier(2)";
    }
    Stage stage(true);
    EXPECT_GT(stage.run({}), lease_count(chunks) / 2);
    EXPECT_GT(stage.run({}), lease_count(chunks) / 2) << "on a board that a job has used";
}

TEST(Leases, AreNotTakenWithoutHeavyFences) {
    Stage stage(false);
    EXPECT_EQ(stage.run({}), 0U);
}

TEST(Leases, AreNotTakenBesideAJournal) {
    const std::string file = "/tmp/pinfold_leases_" + std::to_string(getpid()) + ".journal";
    JobSettings settings;
    settings.journal = {.file = file, .kernel = "indices"};
    Stage stage(true);
    EXPECT_EQ(stage.run(settings), 0U);
    EXPECT_EQ(stage.run(settings), 0U) << "with all chunks from the journal";
    unlink(file.c_str());
}

// ---- who waits behind a lease
// --------------------------------------------------------------------

class LeasesOfACrew : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {};

// A chunk of a lease waits for its last one: a worker that kept the whole lease would hang.
TEST_P(LeasesOfACrew, AreGivenUpBehindAChunkThatTakesLong) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto done = pool.array<std::atomic<std::uint32_t>>(chunks);
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    for (const std::uint64_t in_lease : {0U, 1U, 7U, 14U}) {
        for (auto& word : done.span()) {
            word.store(0);
        }
        struct Job {
            std::atomic<std::uint32_t>* done;
            std::uint64_t in_lease;
        };
        const auto result = map_reduce(
            pool, Range{0, chunks}, Job{done.data(), in_lease},
            [](const Job& job, const Chunk& chunk) {
                if (chunk.index == chunks / 2 + job.in_lease) {
                    while (job.done[chunks / 2 + lease_chunks - 1].load() == 0) {
                        usleep(100);
                    }
                }
                job.done[chunk.index].store(1);
                return chunk.index;
            },
            std::plus<>{}, options);
        EXPECT_EQ(result.value, testing::sum_below(chunks));
        EXPECT_EQ(result.report.attempts, chunks);
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, LeasesOfACrew, ::testing::Values(Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold::detail
