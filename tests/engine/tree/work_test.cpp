// Kinds of work share a crew's workers: jobs on boards, and here a second one, which is done in the
// simplest way that keeps the rules of tree/work.hpp.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/arena.hpp>
#include <thread>
#include <vector>

#include "board/boards.hpp"
#include "gate.hpp"
#include "job/job_run.hpp"
#include "job/job_work.hpp"
#include "leftovers.hpp"
#include "pool_memory.hpp"
#include "shared.hpp"
#include "tree/crew.hpp"

namespace pinfold::detail {
namespace {

constexpr std::size_t pieces = 50;
constexpr std::size_t most_workers = 64;

/// What a piece does when it is run for the first time; later it just ends.
enum class Piece : int { ends, kills_its_worker, hangs };

/// Pieces of work, each a word: 0 while open, worker + 1 while claimed, `done` at the end.
class Pieces final : public Work {
  public:
    static constexpr std::uint32_t done = 1000;

    explicit Pieces(shm::Arena& arena)
        : shared_(*new (arena.allocate(sizeof(Shared), alignof(Shared))) Shared) {}

    void open() { shared_.is_open = true; }
    void set(std::size_t piece, Piece kind) { shared_.kinds[piece] = static_cast<int>(kind); }
    void set_deadline(std::chrono::nanoseconds deadline) { shared_.deadline_ns = deadline.count(); }
    void mark(bool marked) { shared_.is_marked = marked; }

    [[nodiscard]] bool all_done() const {
        return std::ranges::all_of(shared_.words, [](const auto& word) { return word == done; });
    }
    [[nodiscard]] int runs(std::size_t piece) const { return shared_.runs[piece]; }
    [[nodiscard]] int buried() const { return shared_.buried; }
    [[nodiscard]] int buried_late() const { return shared_.buried_late; }
    [[nodiscard]] bool hangs() const { return shared_.hanging; }

    bool work_in_turn(WorkerNumber worker, const Shift& shift) override {
        bool did = false;
        for (std::size_t piece = 0; shared_.is_open && piece < pieces; ++piece) {
            shared_.at[worker] = piece;
            std::uint32_t open = 0;
            if (!shared_.words[piece].compare_exchange_strong(open, worker + 1)) {
                continue;
            }
            ++shared_.starts[worker];
            run(piece);
            shared_.words[piece] = done;
            did = true;
            if (shift.is_over() || shift.others_wait()) {
                break;
            }
        }
        return did;
    }

    [[nodiscard]] bool is_open() const noexcept override { return shared_.is_open && !all_done(); }
    [[nodiscard]] std::uint64_t starts_of(WorkerNumber worker) const noexcept override {
        return shared_.starts[worker];
    }
    [[nodiscard]] bool is_at_work(WorkerNumber worker) const noexcept override {
        return claimed_by(worker);
    }
    [[nodiscard]] std::int64_t deadline_ns_of(WorkerNumber worker,
                                              std::uint32_t /*level*/) const noexcept override {
        return claimed_by(worker) ? shared_.deadline_ns.load() : 0;
    }
    [[nodiscard]] std::int64_t shortest_deadline_ns() const noexcept override {
        return is_open() ? shared_.deadline_ns.load() : 0;
    }
    // Of these pieces none is killed that another could be hit for, so nobody is kept from going
    // on.
    [[nodiscard]] std::uint64_t doing_of(WorkerNumber worker,
                                         std::uint32_t /*level*/) const noexcept override {
        return shared_.starts[worker];
    }
    [[nodiscard]] bool condemn(WorkerNumber worker, std::uint64_t doing) noexcept override {
        return claimed_by(worker) && doing_of(worker, 0) == doing;
    }
    [[nodiscard]] bool condemn_marked(WorkerNumber worker) noexcept override {
        return shared_.is_marked && claimed_by(worker);
    }
    [[nodiscard]] bool is_spent(WorkerNumber) const noexcept override { return false; }
    void bury(WorkerNumber worker, const WorkerDeath& death) noexcept override {
        std::uint32_t claimed = worker + 1;
        if (shared_.words[shared_.at[worker]].compare_exchange_strong(claimed, 0)) {
            ++shared_.buried;
            shared_.buried_late += death.past_deadline ? 1 : 0;
        }
    }
    void wake_waiters() noexcept override {}

  private:
    struct Shared {
        std::atomic<bool> is_open{false};
        std::atomic<bool> is_marked{false};
        std::atomic<bool> hanging{false};
        std::atomic<std::int64_t> deadline_ns{0};
        std::atomic<int> buried{0};
        std::atomic<int> buried_late{0};
        std::array<std::atomic<std::uint32_t>, pieces> words{};
        std::array<std::atomic<int>, pieces> kinds{};
        std::array<std::atomic<int>, pieces> runs{};
        std::array<std::atomic<std::size_t>, most_workers> at{};
        std::array<std::atomic<std::uint64_t>, most_workers> starts{};
    };

    [[nodiscard]] bool claimed_by(WorkerNumber worker) const noexcept {
        return shared_.words[shared_.at[worker]] == worker + 1;
    }

    void run(std::size_t piece) {
        const bool is_first = shared_.runs[piece]++ == 0;
        const auto kind = static_cast<Piece>(shared_.kinds[piece].load());
        if (is_first && kind == Piece::kills_its_worker) {
            kill(getpid(), SIGKILL);
        }
        if (is_first && kind == Piece::hangs) {
            shared_.hanging = true;
            for (;;) {
                pause();
            }
        }
    }

    Shared& shared_;
};

/// A pool of both kinds of work, without the rest of a Pool.
class Both {
  public:
    Both(Crew kind, int workers)
        : arena_(std::make_shared<shm::Arena>(shm::ArenaOptions{.bytes = std::size_t{1} << 28})),
          blocks_(arena_),
          placements_(static_cast<std::size_t>(workers), unbound()),
          nodes_(worker_nodes(placements_, affinity::Topology({affinity::Pu{}}, {}))),
          memory_(blocks_, placements_, nodes_, getpid()),
          boards(memory_.boards(), blocks_, true),
          jobs_(memory_.boards()),
          pieces(*arena_),
          crew(kind == Crew::processes
                   ? make_process_crew(memory_.workforce(), works_, {}, birthplace_)
                   : make_thread_crew(memory_.workforce(), works_)) {}

    void open_pieces() {
        pieces.open();
        crew->call(detail::pieces, true);
    }

    [[nodiscard]] const shm::Party& worker(std::size_t number) const {
        return memory_.workforce().workers[number];
    }

    /// Runs a job as PoolCore does.
    std::uint64_t run(const JobSpec& spec) {
        JobRun job(boards, spec);
        EXPECT_TRUE(job.try_open());
        crew->call(job.chunks_to_take(), false);
        while (!job.look()) {
            job.sleep();
        }
        EXPECT_TRUE(job.close());
        std::uint64_t sum = 0;
        job.settle([&](const Results& results) {
            for (std::uint64_t i = 0; i < results.count; ++i) {
                sum += *reinterpret_cast<const std::uint64_t*>(results.first + i * results.stride);
            }
        });
        return sum;
    }

  private:
    static affinity::Placement unbound() {
        affinity::Placement placement;
        placement.cpu = -1;
        return placement;
    }

    std::shared_ptr<shm::Arena> arena_;
    ArenaBlocks blocks_;
    const std::vector<affinity::Placement> placements_;
    const WorkerNodes nodes_;
    PoolMemory memory_;

  public:
    Boards boards;

  private:
    JobWork jobs_;
    OwnThread birthplace_;

  public:
    Pieces pieces;

  private:
    std::array<Work*, 2> works_{&jobs_, &pieces};

  public:
    std::unique_ptr<CrewOfWorkers> crew;
};

class WorkOfTwoKinds : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {};

/// A job whose chunks take a millisecond each, or nothing once the gate is open.
JobSpec spec_of_a_job_of(std::uint64_t chunks, const JobSettings& settings,
                         const testing::AtGate& at) {
    JobSpec spec = job_spec<std::uint64_t>(ChunkPlan(Range{0, chunks}, 1), settings);
    set_job(spec, at);
    spec.call = [](ChunkRow& all) {
        run_row_with_results<std::uint64_t>(all, [](const ChunkRow& row) {
            row.job_as<testing::AtGate>().gate->linger(std::chrono::milliseconds(1));
            return row.chunk().begin;
        });
    };
    return spec;
}

TEST_P(WorkOfTwoKinds, IsDoneOnceEachSideBySide) {
    const testing::Shared<testing::Gate> gate;
    const testing::AtGate at{gate.get()};
    Both both(GetParam(), 2);
    both.open_pieces();
    const JobSettings settings;
    EXPECT_EQ(both.run(spec_of_a_job_of(100, settings, at)), 99U * 100 / 2);
    EXPECT_TRUE(testing::eventually([&] { return both.pieces.all_done(); }));
    for (std::size_t piece = 0; piece < pieces; ++piece) {
        EXPECT_EQ(both.pieces.runs(piece), 1) << "piece " << piece;
    }
    EXPECT_EQ(both.pieces.buried(), 0);
}

// Each piece waits for a batch of the job at most, and each of those is one chunk of a millisecond.
TEST_P(WorkOfTwoKinds, WaitsForTheTurnOfTheOtherAlone) {
    const testing::Shared<testing::Gate> gate;
    const testing::AtGate at{gate.get()};
    Both both(GetParam(), 1);
    constexpr std::uint64_t chunks = 1000;
    const JobSettings settings;
    const JobSpec spec = spec_of_a_job_of(chunks, settings, at);
    JobRun job(both.boards, spec);
    ASSERT_TRUE(job.try_open());
    both.crew->call(job.chunks_to_take(), false);
    both.open_pieces();
    EXPECT_TRUE(testing::eventually([&] { return both.pieces.all_done(); }));
    EXPECT_FALSE(job.is_complete()) << "the pieces were done after the job's last chunk";
    gate->open();
    while (!job.look()) {
        job.sleep();
    }
    EXPECT_TRUE(job.close());
}

INSTANTIATE_TEST_SUITE_P(Work, WorkOfTwoKinds, ::testing::Values(Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

class WorkOfProcesses : public testing::NothingLeft {};

// The rest sleep on. A worker notes what it heard whenever it comes to look.
TEST_F(WorkOfProcesses, WakesAsManyWorkersAsThereAreChunks) {
    constexpr std::size_t workers = 64;
    const testing::Shared<testing::Gate> gate;
    Both both(Crew::processes, workers);
    const auto heard = [&](std::size_t number) { return both.worker(number).heard.load(); };
    const auto sleeps = [&](std::size_t number) {
        return both.worker(number).stage == shm::Party::Stage::ready &&
               testing::stat_fields(both.worker(number).pid)[0] == "S";
    };
    const auto all_sleep = [&] {
        std::size_t asleep = 0;
        while (asleep < workers && sleeps(asleep)) {
            ++asleep;
        }
        return asleep == workers;
    };
    const JobSettings settings;
    for (const std::uint64_t chunks : {2U, 1U, 5U, 63U, 3U}) {
        ASSERT_TRUE(testing::eventually(all_sleep));
        std::array<std::uint32_t, workers> before{};
        for (std::size_t w = 0; w < workers; ++w) {
            before[w] = heard(w);
        }
        const auto came = [&] {
            std::uint64_t count = 0;
            for (std::size_t w = 0; w < workers; ++w) {
                count += heard(w) != before[w] ? 1U : 0U;
            }
            return count;
        };
        const testing::AtGate at{gate.get()};
        EXPECT_EQ(both.run(spec_of_a_job_of(chunks, settings, at)), chunks * (chunks - 1) / 2);
        EXPECT_TRUE(testing::eventually([&] { return came() == chunks; })) << came();
        ASSERT_TRUE(testing::eventually(all_sleep));
        EXPECT_EQ(came(), chunks);
    }
}

TEST_F(WorkOfProcesses, IsBuriedWhenItsWorkerDies) {
    const testing::Shared<testing::Gate> gate;
    const testing::AtGate at{gate.get()};
    Both both(Crew::processes, 2);
    const std::array<shm::PartyId, 2> first{both.worker(0).id(0), both.worker(1).id(1)};
    both.pieces.set(3, Piece::kills_its_worker);
    both.pieces.set(30, Piece::kills_its_worker);
    both.open_pieces();
    const JobSettings settings;
    EXPECT_EQ(both.run(spec_of_a_job_of(50, settings, at)), 49U * 50 / 2);
    EXPECT_TRUE(testing::eventually([&] { return both.pieces.all_done(); }));
    EXPECT_EQ(both.pieces.runs(3), 2);
    EXPECT_EQ(both.pieces.runs(30), 2);
    EXPECT_EQ(both.pieces.buried(), 2);
    EXPECT_EQ(both.worker(0).id(0).incarnation + both.worker(1).id(1).incarnation,
              first[0].incarnation + first[1].incarnation + 2);
}

TEST_F(WorkOfProcesses, IsKilledWhenItIsLate) {
    Both both(Crew::processes, 2);
    both.pieces.set(7, Piece::hangs);
    both.pieces.set_deadline(std::chrono::milliseconds(30));
    both.open_pieces();
    EXPECT_TRUE(testing::eventually([&] { return both.pieces.all_done(); }));
    EXPECT_EQ(both.pieces.runs(7), 2);
    EXPECT_EQ(both.pieces.buried_late(), 1);
}

TEST_F(WorkOfProcesses, IsKilledWhenItIsMarked) {
    Both both(Crew::processes, 1);
    both.pieces.set(0, Piece::hangs);
    both.open_pieces();
    ASSERT_TRUE(testing::eventually([&] { return both.pieces.hangs(); }));
    both.pieces.mark(true);
    both.crew->kill_marked();
    ASSERT_TRUE(testing::eventually([&] { return both.pieces.buried() == 1; }));
    both.pieces.mark(false);
    EXPECT_TRUE(testing::eventually([&] { return both.pieces.all_done(); }));
    EXPECT_EQ(both.pieces.buried_late(), 0);
}

}  // namespace
}  // namespace pinfold::detail
