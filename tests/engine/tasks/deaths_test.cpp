// What deaths do to tasks: of a worker under a parent, of a parent under its children, of a worker
// that is stopped, and of the supervisor while threads of the host wait in every way they can.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <optional>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/engine/tasks/async.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <stop_token>
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
    for (const int workers : {1, 2, 3, 4}) {
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

struct Deadlines {
    std::chrono::milliseconds of_parent;
    std::chrono::milliseconds of_child;
    int before;  // children that fill the parent's slots
};

constexpr auto wait_with_deadline = [](const Numbers& starts, const Deadlines& deadlines) {
    std::vector<Future<int>> others;
    for (int i = 0; i < deadlines.before; ++i) {
        others.push_back(submit(identity, i));
    }
    const auto child = submit({.deadline = deadlines.of_child}, stop_once, starts);
    for (const auto& other : others) {
        other.get();
    }
    return child.get();
};

/// Of tasks that lie in one another on a worker, each has its own time, whichever ends first; also
/// where they have more children than slots.
TEST_F(TaskDeaths, EachDeadlineOfTasksInOneAnotherCounts) {
    for (const Deadlines& deadlines :
         {Deadlines{1h, 50ms, 0}, Deadlines{50ms, 1h, 0}, Deadlines{0ms, 50ms, 0},
          Deadlines{0ms, 50ms, 64}, Deadlines{1h, 50ms, 200}}) {
        Pool pool = testing::make_pool(Crew::processes, 1);
        const Numbers starts = pool.array<std::int64_t>(1);
        const auto parent =
            pool.submit({.deadline = deadlines.of_parent}, wait_with_deadline, starts, deadlines);
        EXPECT_EQ(parent.get(), 7);
        EXPECT_EQ(value_of(starts, 0), 2);
        EXPECT_TRUE(heap_is_empty(pool));
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

/// A pool of which both workers and all slots are held, so that whoever asks it for anything waits.
class TaskDeathsOfSupervisor : public TaskDeaths {
  protected:
    TaskDeathsOfSupervisor() {
        gate = at_.get();
        pool.emplace(PoolOptions{.workers = 2, .pin = "none", .task_slots = slots});
        for (int i = 0; i < slots; ++i) {
            futures.push_back(pool->submit(wait_at_gate, i));
        }
        EXPECT_TRUE(gate->wait_for(2));
    }

    void TearDown() override {
        pool.reset();
        TaskDeaths::TearDown();
    }

    void kill_it_while_all_wait(const int waits) {
        EXPECT_TRUE(waiters.all_wait());
        usleep(20'000);  // most of them are asleep then; those that are not have to end as well
        EXPECT_TRUE(testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL));
        waiters.join();
        EXPECT_EQ(waiters.broken(), waits);
        EXPECT_THROW(pool->submit(identity, 1).get(), PoolBroken);
        for (const auto& future : futures) {
            EXPECT_THROW(future.get(), PoolBroken);
        }
    }

    static constexpr int slots = 16;
    const testing::Shared<testing::Gate> at_;
    std::optional<Pool> pool;
    std::vector<Future<int>> futures;
    Waiters waiters;
};

/// A coroutine that tells of how it ended.
struct Told {
    struct promise_type {
        Told get_return_object() { return {end.get_future()}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() { end.set_value(); }
        void unhandled_exception() { end.set_exception(std::current_exception()); }

        std::promise<void> end;
    };

    std::future<void> end;
};

Told await(const Future<int>& future) {
    co_await future;
}

constexpr auto rethrow = [](const std::exception_ptr& failure) -> int {
    std::rethrow_exception(failure);
};

TEST_F(TaskDeathsOfSupervisor, EndEveryWaitForTasks) {
    waiters.add("get", [&] { futures[0].get(); });
    waiters.add("get of one that is pending", [&] { futures[15].get(); });
    waiters.add("get_for", [&] { futures[1].get_for(1'000'000'000s); });
    waiters.add("wait", [&] {
        futures[2].wait();
        futures[2].get();
    });
    waiters.add("wait_for", [&] {
        EXPECT_TRUE(futures[3].wait_for(1'000'000'000s));
        futures[3].get();
    });
    waiters.add("as_completed", [&] {
        for (auto& future : as_completed(futures)) {
            future.get();
        }
    });
    waiters.add("wait for all", [&] {
        EXPECT_EQ(wait(futures).pending.size(), 0U);
        futures[4].get();
    });
    waiters.add("wait for the first that fails", [&] {
        EXPECT_NE(wait(futures, WaitFor::first_exception).done.size(), 0U);
        futures[4].get();
    });
    waiters.add("submit into a full table", [&] { pool->submit(wait_at_gate, 16).get(); });
    waiters.add("submit with a time and a stop", [&] {
        const std::stop_source stop;
        pool->submit({.room_within = 1h, .stop = stop.get_token()}, wait_at_gate, 16).get();
    });
    waiters.add("then", [&] { futures[5].then(identity).get(); });
    waiters.add("on_error", [&] { futures[6].on_error(rethrow).get(); });
    waiters.add("co_await", [&] { await(futures[7]).end.get(); });
    kill_it_while_all_wait(13);
}

TEST_F(TaskDeathsOfSupervisor, EndEveryWaitForBatchesAndJobs) {
    const std::vector<int> items(1000, 1);
    waiters.add("a loop over a batch", [&] {
        for (const int i : pool->map(identity, items)) {
            EXPECT_EQ(i, 0) << "it has a result";
        }
    });
    waiters.add("a loop over an unordered batch", [&] {
        for (const int i : pool->map_unordered(identity, items)) {
            EXPECT_EQ(i, 0) << "it has a result";
        }
    });
    waiters.add("get of a batch", [&] { pool->map(identity, items).get(); });
    waiters.add("get_for of a batch", [&] { pool->map(identity, items).get_for(1h); });
    waiters.add("then of a batch", [&] {
        pool->map(identity, items).then([](const std::vector<int>& all) { return all; }).get();
    });
    constexpr auto size_of = [](const Chunk& chunk) { return chunk.size(); };
    waiters.add("map_reduce_async", [&] {
        map_reduce_async(*pool, Range{0, 100}, size_of, std::plus<>{}).get();
    });
    waiters.add("map_reduce", [&] { map_reduce(*pool, Range{0, 100}, size_of, std::plus<>{}); });
    kill_it_while_all_wait(7);
}

/// However often all of them together look whether it is there.
TEST_F(TaskDeathsOfSupervisor, EndTheWaitsOfManyThatLookOften) {
    constexpr int threads = 8;
    for (int i = 0; i < threads; ++i) {
        waiters.add("one of many", [this] {
            while (!futures[15].wait_for(1ms)) {
            }
            futures[15].get();
        });
    }
    kill_it_while_all_wait(threads);
}

TEST_F(TaskDeathsOfSupervisor, EndAShutdown) {
    waiters.add("shutdown", [&] { pool->shutdown(); });
    waiters.add("get", [&] { futures[15].get(); });
    kill_it_while_all_wait(2);
}

constexpr auto wait_for_other = [](int i) {
    Future<int> child = submit(wait_at_gate, i);
    while (!child.running()) {
        usleep(100);  // else it would run here
    }
    gate->arrive();
    return child.get();
};

/// The worker that waits goes as well: what it waits for can never come.
TEST_F(TaskDeaths, OfTheSupervisorEndAWaitInAWorker) {
    const testing::Shared<testing::Gate> at;
    gate = at.get();
    Pool pool({.workers = 2, .pin = "none"});
    const std::vector<int> workers = testing::workers_of(getpid(), 2);
    const auto parent = pool.submit(wait_for_other, 1);
    ASSERT_TRUE(gate->wait_for(2));
    EXPECT_TRUE(testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL));
    EXPECT_THROW(parent.get(), PoolBroken);
    for (const int worker : workers) {
        EXPECT_TRUE(testing::eventually([&] { return !testing::is_alive(worker); }));
    }
}

}  // namespace
}  // namespace pinfold
