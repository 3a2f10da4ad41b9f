// A worker dies at each step of a task's way, and of the submits, waits and drops of tasks inside
// of tasks: each future has its value all the same, no task that was committed runs again, and
// nothing of it stays behind.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <numeric>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "crash_point.hpp"
#include "crews.hpp"
#include "leftovers.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using detail::Step;

constexpr std::uint64_t tasks = 24;
const TaskOptions many_attempts{.max_attempts = 5};

/// Of the calls, by task.
using Counts = std::array<std::atomic<std::uint64_t>, tasks>;
Counts* calls = nullptr;  // what workers see of it was set before their pool was made

void count(std::uint64_t i) {
    calls->at(i).fetch_add(1);
}

std::array<std::uint64_t, tasks> calls_now() {
    std::array<std::uint64_t, tasks> now{};
    std::ranges::copy(*calls, now.begin());
    return now;
}

// ---- what is run, and checks itself

constexpr auto square = [](std::uint64_t i) {
    count(i);
    return i * i;
};

void values(Pool& pool) {
    std::vector<Future<std::uint64_t>> futures;
    for (std::uint64_t i = 0; i < tasks; ++i) {
        futures.push_back(pool.submit(many_attempts, square, i));
    }
    for (std::uint64_t i = 0; i < tasks; ++i) {
        ASSERT_EQ(futures[i].get(), i * i);
    }
}

/// Every third has room in its slot.
std::string text_of(std::uint64_t i) {
    return std::string(i % 3 == 0 ? 20 : 300 + i, static_cast<char>('a' + i % 26));
}

constexpr auto twice = [](std::uint64_t i, const std::string& text) {
    count(i);
    return text + text;
};

void texts(Pool& pool) {
    std::vector<Future<std::string>> futures;
    for (std::uint64_t i = 0; i < tasks; ++i) {
        futures.push_back(pool.submit(many_attempts, twice, i, text_of(i)));
    }
    for (std::uint64_t i = 0; i < tasks; ++i) {
        ASSERT_EQ(futures[i].get(), text_of(i) + text_of(i));
    }
}

constexpr auto refuse = [](std::uint64_t i) -> std::string {
    count(i);
    throw std::domain_error("task " + std::to_string(i));
};

void exceptions(Pool& pool) {
    std::vector<Future<std::string>> futures;
    for (std::uint64_t i = 0; i < tasks; ++i) {
        futures.push_back(pool.submit(many_attempts, refuse, i));
    }
    for (std::uint64_t i = 0; i < tasks; ++i) {
        try {
            futures[i].get();
            ADD_FAILURE() << "task " << i << " did not fail";
        } catch (const TaskFailed& failed) {
            EXPECT_EQ(failed.details().exception_text, "task " + std::to_string(i));
            EXPECT_EQ(failed.details().attempts,
                      1 + static_cast<int>(failed.details().deaths.size()));
        }
    }
}

/// Nobody waits: whoever ends them frees them.
void dropped(Pool& pool) {
    const auto before = calls_now();
    for (std::uint64_t i = 0; i < tasks; ++i) {
        const auto dropped = pool.submit(many_attempts, twice, i, text_of(i));
    }
    const shm::Heap& heap = *pool.arena()->heap();
    EXPECT_TRUE(testing::eventually([&] {
        for (std::uint64_t i = 0; i < tasks; ++i) {
            if (calls->at(i) == before[i]) {
                return false;
            }
        }
        return heap.used_bytes() == 0;
    }));
}

constexpr std::uint64_t parents_a_batch = 4;  // place i + 4 counts the child that i drops

/// A parent with children of each kind: awaited, dropped, cancelled unless it runs already.
constexpr auto parent = [](std::uint64_t i) {
    count(i);
    std::vector<Future<std::string>> kept;
    for (std::uint64_t child = 0; child < 3; ++child) {
        kept.push_back(submit(many_attempts, twice, i, text_of(child)));
    }
    { const auto dropped = submit(many_attempts, twice, i + parents_a_batch, text_of(4)); }
    auto cancelled = submit(many_attempts, twice, i, text_of(5));
    std::uint64_t bytes = cancelled.cancel() ? 610 : cancelled.get().size();
    for (const auto& future : kept) {
        bytes += future.get().size();
    }
    return bytes;
};

void parents(Pool& pool) {
    const auto before = calls_now();
    std::vector<Future<std::uint64_t>> futures;
    for (std::uint64_t i = 0; i < parents_a_batch; ++i) {
        futures.push_back(pool.submit(many_attempts, parent, i));
    }
    for (const auto& future : futures) {
        ASSERT_EQ(future.get(), 610U + 40 + 602 + 604);
    }
    for (std::uint64_t i = parents_a_batch; i < 2 * parents_a_batch; ++i) {
        EXPECT_TRUE(testing::eventually([&] { return calls->at(i) != before[i]; }))
            << "what a parent dropped did not run";
    }
}

// ---- deaths

struct StepName {
    Step step;
    const char* name;
};

struct Scene {
    void (*run)(Pool&);
    const char* name;
    bool counts_calls;  // one a task, unless a death takes a call with it
};
constexpr Scene all_values{values, "Values", true};
constexpr Scene all_texts{texts, "Texts", true};
constexpr Scene all_exceptions{exceptions, "Exceptions", true};
constexpr Scene all_dropped{dropped, "Dropped", true};
constexpr Scene all_parents{parents, "Parents", false};

class TaskCrashPoint : public testing::NothingLeft {
  protected:
    void SetUp() override { calls = calls_.get(); }
    void TearDown() override {
        testing::disarm_crash_point();
        NothingLeft::TearDown();
    }

  private:
    const testing::Shared<Counts> calls_;
};

/// Scene, step, passing, workers.
using Death = std::tuple<Scene, StepName, int, int>;

class EveryStepOfATask : public TaskCrashPoint, public ::testing::WithParamInterface<Death> {};

bool loses_its_call(Step step) {
    return step == Step::task_called || step == Step::task_threw;
}

std::uint64_t all_calls() {
    const auto now = calls_now();
    return std::accumulate(now.begin(), now.end(), std::uint64_t{0});
}

TEST_P(EveryStepOfATask, CostsNoValueAndLeavesNothing) {
    const auto [scene, step, passing, workers] = GetParam();
    Pool pool = testing::make_pool(Crew::processes, workers);
    const shm::Heap& heap = *pool.arena()->heap();
    testing::arm_crash_point(step.step, passing);
    std::uint64_t batches = 0;
    for (; !testing::crash_point_struck() && batches < 1000; ++batches) {
        scene.run(pool);
        ASSERT_FALSE(HasFatalFailure());
        ASSERT_TRUE(testing::eventually([&] { return heap.used_bytes() == 0; }));
    }
    EXPECT_TRUE(testing::crash_point_struck());
    if (scene.counts_calls) {
        // Of what was dropped nobody sees the end.
        const std::uint64_t expected = batches * tasks + (loses_its_call(step.step) ? 1 : 0);
        EXPECT_TRUE(testing::eventually([&] { return all_calls() == expected; }))
            << all_calls() << " calls of " << expected;
    }
    scene.run(pool);
    EXPECT_TRUE(testing::eventually([&] { return heap.used_bytes() == 0; }))
        << heap.used_bytes() << " bytes after the pool went on";
}

std::string name_of_death(const ::testing::TestParamInfo<Death>& death) {
    const auto& [scene, step, passing, workers] = death.param;
    return std::string(scene.name) + step.name + std::to_string(passing) + "Of" +
           std::to_string(workers);
}

constexpr StepName named{Step::task_named, "Named"};
constexpr StepName taken_out{Step::task_taken_out, "TakenOut"};
constexpr StepName claimed{Step::task_claimed, "Claimed"};
constexpr StepName begun{Step::task_begun, "Begun"};
constexpr StepName threw{Step::task_threw, "Threw"};
constexpr StepName called{Step::task_called, "Called"};
constexpr StepName committed{Step::task_committed, "Committed"};
constexpr StepName given_over{Step::task_given_over, "GivenOver"};
constexpr StepName rang{Step::task_rang, "Rang"};
constexpr StepName freeing{Step::task_freeing, "Freeing"};
constexpr StepName block_held{Step::task_block_held, "BlockHeld"};
constexpr StepName block_forgotten{Step::task_block_forgotten, "BlockForgotten"};
constexpr StepName block_freed{Step::task_block_freed, "BlockFreed"};
constexpr StepName freed{Step::task_freed, "Freed"};
constexpr StepName submitting{Step::task_submitting, "Submitting"};
constexpr StepName message_taken{Step::task_message_taken, "MessageTaken"};
constexpr StepName published{Step::task_published, "Published"};
constexpr StepName message_given_over{Step::task_message_given_over, "MessageGivenOver"};
constexpr StepName enqueued{Step::task_enqueued, "Enqueued"};
constexpr StepName cancelled{Step::task_cancelled, "Cancelled"};

const auto passings = ::testing::Values(1, 2, 7);
const auto numbers_of_workers = ::testing::Values(1, 2, 3);

INSTANTIATE_TEST_SUITE_P(OfValues, EveryStepOfATask,
                         ::testing::Combine(::testing::Values(all_values, all_texts),
                                            ::testing::Values(named, taken_out, claimed, begun,
                                                              called, committed, given_over, rang),
                                            passings, numbers_of_workers),
                         name_of_death);

INSTANTIATE_TEST_SUITE_P(OfExceptions, EveryStepOfATask,
                         ::testing::Combine(::testing::Values(all_exceptions),
                                            ::testing::Values(claimed, threw, called, committed),
                                            passings, numbers_of_workers),
                         name_of_death);

INSTANTIATE_TEST_SUITE_P(OfDropped, EveryStepOfATask,
                         ::testing::Combine(::testing::Values(all_dropped),
                                            ::testing::Values(claimed, called, committed, freeing,
                                                              block_held, block_forgotten,
                                                              block_freed, freed),
                                            passings, numbers_of_workers),
                         name_of_death);

INSTANTIATE_TEST_SUITE_P(
    OfParents, EveryStepOfATask,
    ::testing::Combine(::testing::Values(all_parents),
                       ::testing::Values(named, taken_out, claimed, begun, called, committed,
                                         given_over, rang, freeing, block_held, block_forgotten,
                                         block_freed, freed, submitting, message_taken, published,
                                         message_given_over, enqueued, cancelled),
                       passings, numbers_of_workers),
    name_of_death);

// ---- what is lost

class ALostTask : public TaskCrashPoint,
                  public ::testing::WithParamInterface<std::tuple<StepName, int>> {};

TEST_P(ALostTask, SaysWhichWorkerDiedOfIt) {
    const auto [step, workers] = GetParam();
    Pool pool = testing::make_pool(Crew::processes, workers);
    testing::arm_crash_point(step.step, 1);
    const auto lost = pool.submit({.must_not_run_twice = true}, twice, 0, std::string(300, 'x'));
    try {
        lost.get();
        ADD_FAILURE() << "the task ran again";
    } catch (const TaskFailed& failed) {
        EXPECT_EQ(failed.details().attempts, 1);
        ASSERT_EQ(failed.details().deaths.size(), 1U);
        EXPECT_EQ(failed.details().exception_text, "");
    }
    EXPECT_EQ(pool.submit(square, 9).get(), 81U) << "the pool stays usable";
    // The burial goes on when the waiter knows.
    EXPECT_TRUE(testing::eventually([&] { return pool.arena()->heap()->used_bytes() == 0; }));
}

INSTANTIATE_TEST_SUITE_P(CrashPoint, ALostTask,
                         ::testing::Combine(::testing::Values(begun, called),
                                            ::testing::Values(1, 2)),
                         [](const auto& death) {
                             return std::string(std::get<0>(death.param).name) + "Of" +
                                    std::to_string(std::get<1>(death.param));
                         });

}  // namespace
}  // namespace pinfold
