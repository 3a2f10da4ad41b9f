// What deaths do to tasks: of a worker under a parent, of a parent under its children, of a worker
// that is stopped, and of the supervisor while threads of the host wait in every way they can.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <thread>
#include <vector>

#include "gate.hpp"
#include "leftovers.hpp"
#include "make_pool.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;

class TaskDeaths : public testing::NothingLeft {};

using Numbers = shm::Array<std::int64_t>;

std::int64_t add(const Numbers& numbers, std::size_t i, std::int64_t n = 1) {
    return std::atomic_ref(numbers[i]).fetch_add(n);
}
std::int64_t value_of(const Numbers& numbers, std::size_t i) {
    return std::atomic_ref(numbers[i]).load();
}

bool heap_is_empty(const Pool& pool) {
    return testing::eventually([&] { return pool.arena()->heap()->used_bytes() == 0; });
}

constexpr auto identity = [](int i) { return i; };

// ---- what kills its worker

constexpr auto kill_worker = [](const std::string&) {
    raise(SIGKILL);
    return 0;
};

TEST_F(TaskDeaths, ATaskThatKillsItsWorkerIsLostAfterItsAttempts) {
    for (const int workers : {1, 3}) {
        Pool pool = testing::make_pool(Crew::processes, workers);
        const auto lost = pool.submit({.max_attempts = 4}, kill_worker, std::string(500, 'x'));
        try {
            lost.get();
            ADD_FAILURE() << "a dead task has a value";
        } catch (const TaskFailed& failed) {
            EXPECT_EQ(failed.details().attempts, 4);
            ASSERT_EQ(failed.details().deaths.size(), 4U);
            EXPECT_EQ(failed.details().deaths[0].how, "signal 9 (Killed)");
        }
        EXPECT_EQ(pool.submit(identity, 7).get(), 7);
        EXPECT_TRUE(heap_is_empty(pool));
    }
}

/// Submits what kills its worker for as long as it lives.
constexpr auto stubborn_parent = [](const Numbers& starts) {
    add(starts, 0);
    for (int i = 0; i < 100'000; ++i) {
        try {
            submit({.max_attempts = 1}, kill_worker, std::string(500, 'x')).get();
        } catch (const TaskFailed&) {
            add(starts, 1);
        }
    }
    return 0;
};

TEST_F(TaskDeaths, AParentThatSubmitsADeadlyChildAgainIsChargedWithItsDeaths) {
    for (const int workers : {1, 2, 3}) {
        Pool pool = testing::make_pool(Crew::processes, workers);
        const Numbers starts = pool.array<std::int64_t>(2);
        const auto parent = pool.submit({.max_attempts = 3}, stubborn_parent, starts);
        try {
            parent.get();
            ADD_FAILURE() << "the parent outlived " << value_of(starts, 1) << " children";
        } catch (const TaskFailed& failed) {
            EXPECT_EQ(failed.details().attempts, 3);
            EXPECT_EQ(failed.details().deaths.size(), 3U);
        }
        EXPECT_EQ(value_of(starts, 0), 3);
        EXPECT_EQ(pool.submit(identity, 7).get(), 7);
        EXPECT_TRUE(heap_is_empty(pool));
    }
}

// ---- orphans

testing::Gate* gate = nullptr;  // set before the pool is made

constexpr auto child_at_gate = [](const Numbers& ran, int attempt, const std::string& text) {
    add(ran, static_cast<std::size_t>(attempt));
    gate->pass();
    return text + text;
};

constexpr auto child_behind_it = [](const Numbers& ran, const std::string& text) {
    add(ran, 8);
    return text;
};

/// In its first attempt it leaves to the other worker what stays at the gate, and dies beside one
/// child that runs, and two that do not.
constexpr auto parent_that_dies = [](const Numbers& ran) {
    const auto attempt = static_cast<int>(add(ran, 9));
    if (attempt > 0) {
        return attempt;
    }
    const std::string text(700, 'x');
    const auto first = submit(child_at_gate, ran, attempt, text);
    while (value_of(ran, 0) == 0) {
        usleep(1000);
    }
    const auto second = submit(child_behind_it, ran, text);
    const auto third = submit(child_behind_it, ran, text);
    raise(SIGKILL);
    return -1;
};

TEST_F(TaskDeaths, OrphansThatRunAreFreedAndThoseThatWaitNeverRun) {
    const testing::Shared<testing::Gate> at;
    gate = at.get();
    Pool pool = testing::make_pool(Crew::processes, 2);
    const Numbers ran = pool.array<std::int64_t>(10);
    EXPECT_EQ(pool.submit(parent_that_dies, ran).get(), 1);
    EXPECT_EQ(value_of(ran, 0), 1);
    EXPECT_GT(pool.arena()->heap()->used_bytes(), 0U) << "the one that runs has its argument";
    gate->open();
    EXPECT_TRUE(heap_is_empty(pool));
    EXPECT_EQ(pool.submit(identity, 7).get(), 7);
    EXPECT_EQ(value_of(ran, 8), 0) << "a child of a dead attempt ran";
}

/// The child dies as well, and then nobody wants it.
TEST_F(TaskDeaths, AnOrphanWhoseWorkerDiesDoesNotRunAgain) {
    const testing::Shared<testing::Gate> at;
    gate = at.get();
    Pool pool = testing::make_pool(Crew::processes, 2);
    const Numbers ran = pool.array<std::int64_t>(10);
    const std::vector<int> workers = testing::workers_of(getpid(), 2);
    EXPECT_EQ(pool.submit(parent_that_dies, ran).get(), 1);
    for (const int worker : workers) {
        testing::signal_child(testing::supervisor_of(getpid()), worker, SIGKILL);
    }
    EXPECT_TRUE(heap_is_empty(pool));
    EXPECT_EQ(pool.submit(identity, 7).get(), 7);
    EXPECT_EQ(value_of(ran, 0), 1);
    EXPECT_EQ(value_of(ran, 8), 0);
}

// ---- workers that are stopped

constexpr auto stop_once = [](const Numbers& starts) {
    if (add(starts, 0) == 0) {
        raise(SIGSTOP);
    }
    return 7;
};

constexpr auto wait_for_it = [](const Numbers& starts) { return submit(stop_once, starts).get(); };

TEST_F(TaskDeaths, AStoppedWorkerIsKilledAtItsTasksDeadline) {
    Pool pool = testing::make_pool(Crew::processes, 1);
    const Numbers starts = pool.array<std::int64_t>(1);
    EXPECT_EQ(pool.submit({.deadline = 50ms}, stop_once, starts).get(), 7);
    EXPECT_EQ(value_of(starts, 0), 2);
}

TEST_F(TaskDeaths, ATaskThatIsLateEachTimeIsLost) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const auto late = pool.submit({.deadline = 20ms, .max_attempts = 2}, [] {
        for (;;) {
            pause();
        }
        return 0;
    });
    try {
        late.get();
        ADD_FAILURE() << "it ended";
    } catch (const TaskFailed& failed) {
        EXPECT_EQ(failed.details().deaths.size(), 2U);
    }
    EXPECT_EQ(pool.submit(identity, 7).get(), 7);
}

/// The deadline counts while the task waits for others, here or elsewhere: it is the parent's.
TEST_F(TaskDeaths, ADeadlineCountsWhileATaskWaitsForOthers) {
    for (const int workers : {1, 2}) {
        Pool pool = testing::make_pool(Crew::processes, workers);
        const Numbers starts = pool.array<std::int64_t>(1);
        // Where another worker runs it, that stays stopped: nobody gave the child a deadline.
        const auto late = pool.submit({.deadline = 50ms}, wait_for_it, starts);
        EXPECT_EQ(late.get(), 7);
        EXPECT_EQ(value_of(starts, 0), 2);
        for (const int worker : testing::workers_of(getpid())) {
            testing::signal_child(testing::supervisor_of(getpid()), worker, SIGCONT);
        }
    }
}

// ---- the supervisor

class Waiters {
  public:
    template <typename Wait>
    void add(const char* name, Wait wait) {
        threads_.emplace_back([this, name, wait = std::move(wait)]() mutable {
            ++begun_;
            try {
                wait();
                ADD_FAILURE() << name << " returned";
            } catch (const PoolBroken&) {
                ++broken_;
            }
        });
    }
    [[nodiscard]] bool all_wait() const {
        return testing::eventually([this] { return begun_ == std::ssize(threads_); });
    }
    void join() {
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }
    [[nodiscard]] int broken() const { return broken_; }

  private:
    std::atomic<int> begun_{0};
    std::atomic<int> broken_{0};
    std::vector<std::thread> threads_;
};

constexpr auto wait_at_gate = [](int i) {
    gate->pass();
    return i;
};

TEST_F(TaskDeaths, OfTheSupervisorEndEveryWait) {
    const testing::Shared<testing::Gate> at;
    gate = at.get();
    {
        Pool pool({.workers = 2, .pin = "none", .task_slots = 16});
        std::vector<Future<int>> futures;
        for (int i = 0; i < 16; ++i) {
            futures.push_back(pool.submit(wait_at_gate, i));
        }
        ASSERT_TRUE(gate->wait_for(2));
        Waiters waiters;
        waiters.add("get", [&] { futures[0].get(); });
        waiters.add("get of one that waits", [&] { futures[15].get(); });
        waiters.add("get_for", [&] { futures[1].get_for(1'000'000'000s); });
        waiters.add("wait", [&] {
            futures[2].wait();
            futures[2].get();
        });
        waiters.add("as_completed", [&] {
            for (auto& future : as_completed(futures)) {
                future.get();
            }
        });
        waiters.add("submit into a full table", [&] { pool.submit(wait_at_gate, 16).get(); });
        waiters.add("then", [&] { futures[3].then([](int i) { return i; }).get(); });
        EXPECT_TRUE(waiters.all_wait());
        EXPECT_TRUE(testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL));
        waiters.join();
        EXPECT_EQ(waiters.broken(), 7);
        EXPECT_THROW(pool.submit(identity, 1).get(), PoolBroken);
        for (const auto& future : futures) {
            EXPECT_THROW(future.get(), PoolBroken);
        }
    }
}

}  // namespace
}  // namespace pinfold
