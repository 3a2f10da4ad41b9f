// What a burial does, step by step of the worker that died: a thread that parks plays the dead. All
// states of chunks outside of its batch and of its last chunk are barred, so that whoever looks at
// them ends the test.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>

#include "board/boards.hpp"
#include "board/burial.hpp"
#include "board/claim_loop.hpp"
#include "crash_points/crash_point.hpp"
#include "job/job_run.hpp"

namespace pinfold::detail {
namespace {

constexpr std::uint64_t chunks = std::uint64_t{1} << 16;
constexpr WorkerNumber workers = 2;

/// Blocks on pages of their own.
class PagedBlocks final : public BlockSource {
  public:
    [[nodiscard]] void* take(std::size_t bytes, std::size_t) override {
        void* const block =
            mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) {
            throw std::bad_alloc();
        }
        sizes_[block] = bytes;
        return block;
    }
    void give_back(void* block) noexcept override { munmap(block, sizes_[block]); }

    /// Lets nobody touch the pages of the block that lie wholly outside of [first, last).
    void bar_around(void* block, const void* first, const void* last) {
        const auto page = static_cast<std::size_t>(getpagesize());
        auto* const begin = static_cast<std::byte*>(block);
        const auto before =
            static_cast<std::size_t>(static_cast<const std::byte*>(first) - begin) / page * page;
        const auto after =
            (static_cast<std::size_t>(static_cast<const std::byte*>(last) - begin) + page - 1) /
            page * page;
        EXPECT_EQ(mprotect(begin, before, PROT_NONE), 0);
        EXPECT_EQ(mprotect(begin + after, sizes_[block] - after, PROT_NONE), 0);
    }
    void unbar(void* block) {
        EXPECT_EQ(mprotect(block, sizes_[block], PROT_READ | PROT_WRITE), 0);
    }

  private:
    std::unordered_map<void*, std::size_t> sizes_;
};

/// A board with a job of many short chunks, and workers that this test plays.
struct Stage {
    explicit Stage(const JobSettings& settings)
        : spec(job_spec<std::uint64_t>(ChunkPlan(Range{0, chunks}, 1), settings)),
          boards(prepared(), blocks, true),
          run(boards, with_call()) {
        EXPECT_TRUE(run.try_open());
    }

    BoardTable& prepared() {
        table->boards = board_memory;
        table->lines = lines;
        table->workers = parties;
        table->work = &work;
        return *table;
    }
    const JobSpec& with_call() {
        spec.call = [](ChunkRow& all) {
            run_row_with_results<std::uint64_t>(all, [](const ChunkRow& row) { return row.at; });
        };
        return spec;
    }

    Board& board() { return board_memory[0]; }
    PhaseRun& only_run() { return board().runs[0]; }
    std::uint64_t tallied() {
        return std::accumulate(board().tallies, board().tallies + workers, std::uint64_t{0},
                               [](std::uint64_t sum, const Tally& t) { return sum + t.chunks; });
    }

    JobSpec spec;
    PagedBlocks blocks;
    shm::Doorbell work;
    std::array<shm::Party, workers> parties;
    std::array<ClaimLine, workers> lines;
    std::array<Board, 1> board_memory;
    std::unique_ptr<BoardTable> table = std::make_unique<BoardTable>();
    Boards boards;
    JobRun run;
};

/// Worker 0 runs until it reaches `step` after so many starts, and does nothing more. Its thread is
/// never joined.
void play_a_worker_that_dies(BoardTable& table, Step step, std::uint64_t starts) {
    auto dead = std::make_shared<std::atomic<bool>>(false);
    std::thread([&table, step, starts, dead] {
        testing::at_each_step_of_this_thread([&table, step, starts, dead](Step reached) {
            if (reached == step && table.lines[0].starts >= starts) {
                dead->store(true);
                for (;;) {
                    pause();
                }
            }
        });
        ClaimLoop(table, 0).work_on(0, [] { return ClaimLoop::Asked{}; });
    }).detach();
    while (!*dead) {
        usleep(100);
    }
}

using Death = std::tuple<Step, std::uint64_t>;
class ADeath : public ::testing::TestWithParam<Death> {};

TEST_P(ADeath, CostsALookAtItsBatchAndLeavesTheCountExact) {
    const auto [step, starts] = GetParam();
    JobSettings settings;
    Stage stage(settings);
    Board& board = stage.board();
    play_a_worker_that_dies(*stage.table, step, starts);
    const Batch batch = unpack_batch(stage.lines[0].batch);
    ASSERT_LE(batch.last - batch.first, max_batch);

    // Its line may still name the chunk before.
    const std::uint64_t first = batch.first - (batch.first == 0 ? 0 : 1);
    stage.blocks.bar_around(board.states, board.states + first, board.states + batch.last);
    bury(*stage.table, 0, {});
    // Its successor takes what it left, and no more.
    ClaimLoop successor(*stage.table, 0);
    successor.work_on(0, [] { return ClaimLoop::Asked{.stays = false}; });
    stage.blocks.unbar(board.states);

    const bool is_uncertain = step == Step::published || step == Step::counted;
    EXPECT_EQ(board.uncertain, is_uncertain ? 1U : 0U);
    if (!is_uncertain) {
        EXPECT_EQ(stage.only_run().over, stage.tallied());
    }
    ClaimLoop other(*stage.table, 1);
    while (!stage.run.look()) {
        other.work_on(0, [] { return ClaimLoop::Asked{}; });
    }
    ASSERT_TRUE(board.complete());
    EXPECT_EQ(stage.tallied(), chunks);
    ASSERT_TRUE(stage.run.close());
    std::uint64_t sum = 0;
    const JobReport report = stage.run.settle([&](const Results& results) {
        for (std::uint64_t i = 0; i < results.count; ++i) {
            sum += reinterpret_cast<const std::uint64_t*>(results.first)[i];
        }
    });
    EXPECT_EQ(sum, chunks * (chunks - 1) / 2);
    const bool lost_a_start =
        step == Step::claimed || step == Step::noted || step == Step::map_returned;
    EXPECT_EQ(report.attempts, chunks + (lost_a_start ? 1 : 0));
    EXPECT_EQ(report.deaths, 1U);
}

std::string name_of_death(const ::testing::TestParamInfo<Death>& death) {
    const auto [step, starts] = death.param;
    return "AtStep" + std::to_string(static_cast<int>(step)) + "After" + std::to_string(starts);
}

INSTANTIATE_TEST_SUITE_P(
    Burial, ADeath,
    ::testing::Combine(::testing::Values(Step::announced, Step::before_claim, Step::claimed,
                                         Step::noted, Step::map_returned, Step::committed,
                                         Step::batch_over, Step::published, Step::counted),
                       ::testing::Values(20'000, 40'001)),
    name_of_death);

}  // namespace
}  // namespace pinfold::detail
