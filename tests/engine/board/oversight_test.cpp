// Who is condemned goes no further than where it is to be killed: threads play a worker and its
// supervisor, which looks where the worker stays, and then lets it go on instead of killing it.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <random>
#include <thread>

#include "board/boards.hpp"
#include "board/claim_loop.hpp"
#include "board/oversight.hpp"
#include "board/played_table.hpp"
#include "job/job_run.hpp"

namespace pinfold::detail {
namespace {

constexpr std::uint64_t chunks = 200'000;

/// Jobs of one worker, whose maps note which job and which chunk started last.
class Stage {
  public:
    Stage() : boards_(table(), heap_, true) {}

    JobSpec spec(std::uint64_t number) {
        job_ = {this, number};
        JobSpec spec = job_spec<std::uint64_t>(ChunkPlan(Range{0, chunks}, 1), settings);
        set_job(spec, job_);
        spec.call = [](ChunkRow& all) {
            run_row_with_results<std::uint64_t>(all, [](const ChunkRow& row) {
                const auto& mine = row.job_as<Job>();
                mine.stage->last_start = mine.number * chunks + row.at;
                return row.at;
            });
        };
        return spec;
    }

    void work_until(const std::atomic<bool>& over) {
        ClaimLoop loop(table(), 0);
        while (!over) {
            loop.work_on_all([&] { return ClaimLoop::Asked{.stays = !over}; });
        }
    }

    void pardon() { played_.lines[0].condemned = 0; }

    BoardTable& table() { return played_.table; }
    Boards& boards() { return boards_; }
    JobSettings settings;
    std::atomic<std::uint64_t> last_start{0};

  private:
    struct Job {
        Stage* stage;
        std::uint64_t number;
    };

    testing::PlayedTable<1, 2> played_{shm::heavy_fence()};
    HeapBlocks heap_;
    Job job_{};
    Boards boards_;
};

/// Long enough for a worker that goes on to be seen.
void wait_a_moment() {
    std::this_thread::sleep_for(std::chrono::microseconds(300));
}

/// Condemns the worker at random moments of a job, and adds how often that came in time.
void condemn_during_job(Stage& stage, std::minstd_rand& random, int& kills) {
    const JobSpec spec = stage.spec(0);
    JobRun run(stage.boards(), spec);
    stage.last_start = 0;
    while (!run.try_open()) {
        std::this_thread::yield();
    }
    while (!run.look()) {
        const std::uint64_t doing = doing_of(stage.table(), 0);
        const std::uint64_t chunk = state_index_of(doing);
        for (unsigned i = random() % 64; i > 0; --i) {
            std::atomic_signal_fence(std::memory_order_seq_cst);
        }
        if (kills < 500 && chunk < chunks && condemn(stage.table(), 0, doing)) {
            wait_a_moment();
            EXPECT_LE(stage.last_start, chunk);
            stage.pardon();
            ++kills;
        }
    }
    EXPECT_TRUE(run.close());
}

TEST(ACondemnedWorker, StartsNoLaterChunkThanTheOneThatItIsKilledFor) {
    Stage stage;
    std::atomic<bool> over{false};
    std::jthread worker([&] { stage.work_until(over); });
    std::minstd_rand random(1);
    int kills = 0;
    // On a loaded machine a whole job may pass before this thread runs again.
    for (int job = 0; job < 1000 && kills < 500; ++job) {
        condemn_during_job(stage, random, kills);
    }
    over = true;
    worker.join();
    EXPECT_GT(kills, 0);
}

TEST(ACondemnedWorker, StartsNoChunkOfAnotherJob) {
    for (int round = 0; round < 40; ++round) {
        Stage stage;
        const JobSpec first = stage.spec(0);
        JobSettings kills;
        kills.kill = true;
        std::stop_source stop;
        kills.stop = stop.get_token();
        JobSpec doomed = first;
        doomed.settings = &kills;
        JobRun run(stage.boards(), doomed);
        ASSERT_TRUE(run.try_open());
        std::atomic<bool> over{false};
        std::jthread worker([&] { stage.work_until(over); });
        const JobSpec other = stage.spec(1);
        JobRun beside(stage.boards(), other);
        ASSERT_TRUE(beside.try_open());
        wait_a_moment();
        stop.request_stop();
        EXPECT_TRUE(run.look());
        for (int i = 0; i < 1000; ++i) {
            if (condemn_marked(stage.table(), 0)) {
                const std::uint64_t was = stage.last_start;
                wait_a_moment();
                EXPECT_TRUE(stage.last_start < chunks || stage.last_start == was);
                stage.pardon();
            }
        }
        while (!run.close()) {
            run.sleep();
        }
        while (!beside.look()) {
            beside.sleep();
        }
        over = true;
        worker.join();
        EXPECT_TRUE(beside.close());
    }
}

}  // namespace
}  // namespace pinfold::detail
