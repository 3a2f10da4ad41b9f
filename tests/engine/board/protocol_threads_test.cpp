// The claim protocol, played by threads of one process, so that ThreadSanitizer sees all of it.
//
//   host threads ── jobs ──► boards ◄── claim, commit ── worker threads
//                              ▲                            │ one "dies": it parks for ever
//                              └──── bury, replace ──── supervisor thread
//
// A parked thread does nothing any more, as a killed process would, and its thread is never joined.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <random>
#include <thread>
#include <vector>

#include "board/boards.hpp"
#include "board/burial.hpp"
#include "board/claim_loop.hpp"
#include "crash_points/crash_point.hpp"
#include "job/job_run.hpp"
#include "leftovers.hpp"

namespace pinfold::detail {
namespace {

/// Decides, at a step of a worker, whether it dies there. Called by all workers at any time.
using Fate = std::function<bool(int worker, Step step)>;

constexpr std::chrono::hours for_ever{24};

/// A pool whose processes are threads.
class PlayedPool {
  public:
    PlayedPool(int workers, std::size_t boards, Fate fate)
        : fate_(std::move(fate)),
          parties_(static_cast<std::size_t>(workers)),
          lines_(parties_.size()),
          board_memory_(boards),
          table_(std::make_unique<BoardTable>()) {
        table_->boards = board_memory_;
        table_->lines = lines_;
        table_->workers = parties_;
        table_->work = &work_;
        table_->may_lease = shm::heavy_fence();
        boards_.emplace(*table_, heap_, true);
        for (int worker = 0; worker < workers; ++worker) {
            start(worker);
        }
        supervisor_ = std::thread([this] { supervise(); });
    }

    ~PlayedPool() {
        closing_.store(true, std::memory_order_seq_cst);
        work_.ring();
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return living_ == 0 && dead_.empty(); });
            over_ = true;
        }
        changed_.notify_all();
        supervisor_.join();
    }
    PlayedPool(const PlayedPool&) = delete;
    PlayedPool& operator=(const PlayedPool&) = delete;

    /// What PoolCore::run() does.
    template <typename R>
    JobResult<R> run(JobSpec spec) {
        JobRun job(*boards_, spec);
        while (!job.try_open()) {
            job.sleep(for_ever);  // so a lost ring is a hang
        }
        work_.ring();
        while (!job.look()) {
            job.sleep();
        }
        while (!job.close()) {
            job.sleep(for_ever);
        }
        JobResult<R> result;
        result.report = job.settle([&](const Results& results) {
            for (std::uint64_t i = 0; i < results.count; ++i) {
                const std::byte* const at = results.first + i * results.stride;
                result.value += *reinterpret_cast<const R*>(at);
            }
        });
        return result;
    }

    [[nodiscard]] int deaths() const noexcept { return deaths_; }

  private:
    void start(int worker) {
        {
            const std::scoped_lock lock(mutex_);
            ++living_;
        }
        std::thread([this, worker] {
            testing::at_each_step_of_this_thread([this, worker](Step step) {
                if (fate_(worker, step)) {
                    die(worker);
                }
            });
            work(worker);
            const std::scoped_lock lock(mutex_);
            --living_;
            changed_.notify_all();
        }).detach();
    }

    void work(int worker) {
        ClaimLoop loop(*table_, static_cast<WorkerNumber>(worker));
        while (!closing_.load(std::memory_order_acquire)) {
            const std::uint32_t seen = work_.value();
            const bool ran = loop.work_on_all([] { return ClaimLoop::Asked{}; });
            if (!ran && !closing_.load(std::memory_order_acquire)) {
                work_.wait(seen, std::chrono::nanoseconds(-1));
            }
        }
    }

    [[noreturn]] void die(int worker) {
        {
            const std::scoped_lock lock(mutex_);
            --living_;
            dead_.push_back(worker);
            changed_.notify_all();
        }
        for (;;) {
            std::this_thread::sleep_for(std::chrono::hours(1));
        }
    }

    void supervise() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return over_ || !dead_.empty(); });
            if (over_) {
                return;
            }
            const int worker = dead_.front();
            lock.unlock();
            bury(*table_, static_cast<WorkerNumber>(worker), {});
            parties_[static_cast<std::size_t>(worker)].begin_next_life();
            work_.ring_after_death();
            ++deaths_;
            start(worker);
            lock.lock();
            dead_.pop_front();
            changed_.notify_all();
        }
    }

    const Fate fate_;
    shm::Doorbell work_;
    std::atomic<bool> closing_{false};
    std::vector<shm::Party> parties_;
    std::vector<ClaimLine> lines_;
    std::vector<Board> board_memory_;
    std::unique_ptr<BoardTable> table_;
    HeapBlocks heap_;
    std::optional<Boards> boards_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<int> dead_;
    int living_ = 0;
    bool over_ = false;
    std::atomic<int> deaths_{0};
    std::thread supervisor_;
};

constexpr std::uint64_t chunks = 300;  // enough for leases
constexpr std::uint64_t middle = 131;  // the chunk that waits for the second phase

// Others ask for the lease of the worker that runs it.
constexpr std::uint64_t slow_chunk = 90;

/// A job of two phases whose value depends on every chunk of both; each chunk counts its maps.
struct CountingJob {
    std::uint64_t base = 0;
    std::atomic<int>* running = nullptr;
};

Phases<CountingJob> phases_around_the_middle() {
    Phases<CountingJob> phases;
    phases.add({.range = {0, chunks}, .grain = 1, .bytes = chunks * sizeof(std::uint64_t)},
               [](const CountingJob& job, const Chunk& chunk, const PhaseMemory& memory) {
                   memory.of<std::uint64_t>(0)[chunk.index] = job.base + chunk.index;
               });
    // In the middle of the job's chunks, and over the memory of the phase before them.
    phases.add({.range = {0, chunks}, .grain = 1, .first_chunk = middle},
               [](const CountingJob& job, const Chunk& chunk, const PhaseMemory& memory) {
                   memory.of<std::uint64_t>(0)[chunk.index] = job.base + chunk.index + 1;
               });
    return phases;
}

JobSettings with_many_attempts() {
    JobSettings settings;
    settings.max_attempts = 100;
    return settings;
}

JobSpec spec_of(const CountingJob& job, const JobSettings& settings) {
    static const Phases<CountingJob> phases = phases_around_the_middle();
    JobSpec spec = job_spec<std::uint64_t>(ChunkPlan(Range{0, chunks}, 1), settings);
    set_job(spec, job);
    spec.phases = phases.list();
    spec.call = [](ChunkRow& all) {
        run_row_with_results<std::uint64_t>(all, [](const ChunkRow& row) {
            std::atomic<int>& running = *row.job_as<CountingJob>().running;
            ++running;
            if (row.at == slow_chunk) {
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            }
            const auto read = row.memory->of<std::uint64_t>(0);
            const std::uint64_t value = read[chunks - 1 - row.at] + row.at;
            --running;
            return value;
        });
    };
    return spec;
}

/// Each base is added once a chunk, each index twice, and one for each chunk from the middle on.
std::uint64_t value_of(const CountingJob& job) {
    return chunks * job.base + chunks * (chunks - 1) + chunks - middle;
}

/// Lets one in `odds` steps be a worker's last, up to `most` times.
Fate deadly(int odds, int most) {
    return [odds, left = std::make_shared<std::atomic<int>>(most)](int worker, Step) {
        thread_local std::minstd_rand random(static_cast<unsigned>(worker + 1 + left->load()));
        return random() % static_cast<unsigned>(odds) == 0 && left->fetch_sub(1) > 0;
    };
}

TEST(ProtocolOfThreads, CompletesTheJobsOfSeveralHostsWhileWorkersDie) {
    PlayedPool pool(3, 2, deadly(300, 60));
    std::vector<std::jthread> hosts;
    std::atomic<int> right{0};
    for (unsigned host = 0; host < 3; ++host) {
        hosts.emplace_back([&, host] {
            const JobSettings settings = with_many_attempts();
            std::atomic<int> running{0};
            for (unsigned i = 0; i < 60; ++i) {
                const CountingJob job{1000 * host + i, &running};
                const auto result = pool.run<std::uint64_t>(spec_of(job, settings));
                right += result.value == value_of(job) ? 1 : 0;
            }
        });
    }
    hosts.clear();
    EXPECT_EQ(right, 3 * 60);
    EXPECT_GT(pool.deaths(), 0);
}

TEST(ProtocolOfThreads, CompletesAJobWhoseWorkerDiesAtAnyOneStep) {
    const JobSettings settings = with_many_attempts();
    for (int step = 0; step < steps; ++step) {
        for (const int workers : {1, 2}) {
            std::atomic<int> left{1};
            PlayedPool pool(workers, 1, [&](int, Step reached) {
                return static_cast<int>(reached) == step && left.fetch_sub(1) > 0;
            });
            std::atomic<int> running{0};
            for (std::uint64_t i = 0; i < 3; ++i) {
                const CountingJob job{i, &running};
                EXPECT_EQ(pool.run<std::uint64_t>(spec_of(job, settings)).value, value_of(job))
                    << "step " << step << ", workers " << workers << ", job " << i;
            }
        }
    }
}

TEST(ProtocolOfThreads, RunsNoMapOfAJobThatWasStoppedAndLeft) {
    PlayedPool pool(3, 1, deadly(2000, 20));
    JobSettings settings = with_many_attempts();
    std::minstd_rand random(7);
    int complete = 0;
    for (std::uint64_t i = 0; i < 120; ++i) {
        auto running = std::make_unique<std::atomic<int>>(0);  // a late map would use freed memory
        const CountingJob job{i, running.get()};
        std::stop_source stop;
        settings.stop = stop.get_token();
        std::jthread stopper([&stop, after = random() % 300] {
            std::this_thread::sleep_for(std::chrono::microseconds(after));
            stop.request_stop();
        });
        try {
            EXPECT_EQ(pool.run<std::uint64_t>(spec_of(job, settings)).value, value_of(job));
            ++complete;
        } catch (const Cancelled&) {
        }
        EXPECT_EQ(*running, 0);
    }
    SUCCEED() << complete << " of 120 jobs were complete before their stop";
}

TEST(ProtocolOfThreads, FailsAJobWhoseChunkKillsEveryWorker) {
    JobSettings settings;
    settings.max_attempts = 3;
    PlayedPool pool(2, 1, [left = std::make_shared<std::atomic<int>>(3)](int, Step step) {
        return step == Step::claimed && left->fetch_sub(1) > 0;
    });
    JobSpec spec = job_spec<std::uint64_t>(ChunkPlan(Range{0, 1}, 1), settings);
    spec.call = [](ChunkRow& all) {
        run_row_with_results<std::uint64_t>(all, [](const ChunkRow&) { return std::uint64_t{5}; });
    };
    try {
        pool.run<std::uint64_t>(spec);
        ADD_FAILURE() << "the job did not fail";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().attempts, 3);
        EXPECT_EQ(failure.details().deaths.size(), 3U);
    }
    EXPECT_EQ(pool.run<std::uint64_t>(spec).value, 5U);
}

TEST(DoorbellOfThreads, LosesNoRingBetweenTwoWhoWaitForEver) {
    shm::Doorbell ping;
    shm::Doorbell pong;
    std::atomic<int> turn{0};
    constexpr int turns = 20'000;
    const auto play = [&](shm::Doorbell& mine, shm::Doorbell& theirs, int parity) {
        for (int i = parity; i < turns; i += 2) {
            std::uint32_t seen = mine.value();
            while (turn.load(std::memory_order_relaxed) != i) {
                mine.wait(seen, std::chrono::nanoseconds(-1));
                seen = mine.value();
            }
            turn.store(i + 1, std::memory_order_relaxed);
            theirs.ring();
        }
    };
    std::jthread other([&] { play(pong, ping, 1); });
    play(ping, pong, 0);
    other.join();
    EXPECT_EQ(turn, turns);
}

TEST(DoorbellOfThreads, WakesTheSleepersOfARingerThatDiedHalfWay) {
    shm::Doorbell bell;
    static_assert(sizeof bell == sizeof(std::uint32_t));
    auto& word = *reinterpret_cast<std::atomic<std::uint32_t>*>(&bell);
    std::jthread sleeper(
        [&, seen = bell.value()] { EXPECT_TRUE(bell.wait(seen, std::chrono::nanoseconds(-1))); });
    ASSERT_TRUE(testing::eventually([&] { return (word & 1U) != 0; }));
    word = 2;  // the first half of a ring: rung, the sleepers' bit taken, nobody woken
    bell.ring_after_death();
    sleeper.join();
}

}  // namespace
}  // namespace pinfold::detail
