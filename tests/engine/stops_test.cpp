// How a job of processes ends early: at its deadline or a stop request, waiting for its maps or
// killing them; and how a pool ends whose workers cannot start.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <pinfold/engine/errors.hpp>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include "crews.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

using std::chrono::milliseconds;
using testing::Empty;

class Stops : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

/// What a test and a map that it holds tell each other.
struct Gate {
    std::uint32_t started;
    std::uint32_t open;
};

constexpr auto wait_at_gate = [](Gate* const& gate, const Chunk&) {
    std::atomic_ref(gate->started).fetch_add(1);
    while (std::atomic_ref(gate->open).load() == 0) {
    }
    usleep(1000);
    return 1;
};

struct GatedRun {
    Pool pool = testing::make_pool(Crew::processes, 2);
    shm::Array<Gate> gate = pool.array<Gate>(1);
    JobOptions<int> options;
    std::uint64_t chunks = 100;

    void operator()() {
        options.grain = 1;
        map_reduce(pool, Range{0, chunks}, gate.data(), wait_at_gate, std::plus<>{}, options);
    }
    [[nodiscard]] std::uint32_t started() { return std::atomic_ref(gate[0].started).load(); }
    void open() { std::atomic_ref(gate[0].open).store(1); }

    std::uint64_t value_of_another_job() {
        return map_reduce(pool, Range{0, 1000}, Empty{}, testing::sum_map, std::plus<>{}).value;
    }
};

TEST_F(Stops, ADeadlineWithKillEndsMapsThatNeverReturn) {
    GatedRun run;
    run.options.deadline = milliseconds(100);
    run.options.kill = true;
    EXPECT_THROW(run(), Timeout);
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

TEST_F(Stops, AStopWithKillEndsMapsThatNeverReturn) {
    GatedRun run;
    std::stop_source source;
    run.options.stop = source.get_token();
    run.options.kill = true;
    std::jthread stopper([&] {
        EXPECT_TRUE(testing::eventually([&] { return run.started() == 2; }));
        source.request_stop();
    });
    EXPECT_THROW(run(), Cancelled);
    EXPECT_EQ(run.started(), 2U);
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

TEST_F(Stops, AStopWithoutKillWaitsForTheMapsThatRunAndStartsNoOther) {
    GatedRun run;
    run.chunks = 5000;
    std::stop_source source;
    run.options.stop = source.get_token();
    std::jthread stopper([&] {
        EXPECT_TRUE(testing::eventually([&] { return run.started() == 2; }));
        source.request_stop();
        usleep(100'000);  // for the waiting thread to see it, at most a slice of 50 ms
        run.open();
    });
    EXPECT_THROW(run(), Cancelled);
    EXPECT_LT(run.started(), 5000U);
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

TEST_F(Stops, AChunkDeadlineEndsAlsoAJobWhoseWorkerWasStoppedFromOutside) {
    GatedRun run;
    run.options.chunk_deadline = milliseconds(200);
    run.options.max_attempts = 100;
    std::jthread stopper([&] {
        EXPECT_TRUE(testing::eventually([&] { return run.started() >= 1; }));
        const int supervisor = testing::supervisor_of(getpid());
        EXPECT_TRUE(
            testing::signal_child(supervisor, testing::workers_of(getpid(), 2).front(), SIGSTOP));
        run.open();
    });
    run();
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

/// A counter that workers see without a pool.
class SharedCounter {
  public:
    SharedCounter()
        : word_(static_cast<std::uint32_t*>(mmap(nullptr, sizeof(std::uint32_t),
                                                 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                                                 -1, 0))) {}
    ~SharedCounter() { munmap(word_, sizeof(std::uint32_t)); }
    SharedCounter(const SharedCounter&) = delete;
    SharedCounter& operator=(const SharedCounter&) = delete;

    std::uint32_t add_one() const { return std::atomic_ref(*word_).fetch_add(1); }
    [[nodiscard]] std::uint32_t value() const { return std::atomic_ref(*word_).load(); }

  private:
    std::uint32_t* word_;
};

std::string reason_of_broken(const std::function<void()>& use) {
    try {
        use();
        return "it works";
    } catch (const PoolBroken& e) {
        return e.what();
    }
}

PoolOptions with_initializer(std::function<void()> initializer) {
    return {.workers = 2, .pin = "none", .initializer = std::move(initializer)};
}

TEST_F(Stops, AnInitializerThatThrowsBreaksThePoolWithItsText) {
    const SharedCounter starts;
    const std::string reason = reason_of_broken([&] {
        Pool pool(with_initializer([&] {
            starts.add_one();
            throw std::runtime_error("no licence for this machine");
        }));
    });
    EXPECT_EQ(reason, "the pool is broken: start-up threw: no licence for this machine");
    EXPECT_LT(starts.value(), 20U);
}

TEST_F(Stops, AnInitializerThatCrashesBreaksThePoolWithTheSignal) {
    const SharedCounter starts;
    const std::string reason = reason_of_broken([&] {
        Pool pool(with_initializer([&] {
            starts.add_one();
            raise(SIGSEGV);
        }));
    });
    EXPECT_EQ(reason, "the pool is broken: workers die at start-up by signal 11");
    EXPECT_LT(starts.value(), 20U);
}

TEST_F(Stops, AnInitializerThatFailsAFewTimesIsTriedAgain) {
    const SharedCounter starts;
    Pool pool(with_initializer([&] {
        if (starts.add_one() < 3) {
            raise(SIGKILL);
        }
    }));
    EXPECT_EQ(map_reduce(pool, Range{0, 1000}, Empty{}, testing::sum_map, std::plus<>{}).value,
              testing::sum_below(1000));
    EXPECT_EQ(starts.value(), 5U);
}

TEST_F(Stops, AnInitializerThatFailsLaterBreaksTheRunningJob) {
    const SharedCounter starts;
    Pool pool(with_initializer([&] {
        if (starts.add_one() >= 2) {
            throw std::runtime_error("the licence has expired");
        }
    }));
    const std::string reason = reason_of_broken([&] {
        JobOptions<int> options;
        options.max_attempts = 100;
        map_reduce(
            pool, Range{0, 10}, Empty{}, [](const Empty&, const Chunk&) { return raise(SIGKILL); },
            std::plus<>{}, options);
    });
    EXPECT_EQ(reason, "the pool is broken: start-up threw: the licence has expired");
    EXPECT_EQ(reason_of_broken([&] {
                  map_reduce(pool, Range{0, 1}, Empty{}, testing::sum_map, std::plus<>{});
              }),
              reason)
        << "it stays broken";
}

}  // namespace
}  // namespace pinfold
