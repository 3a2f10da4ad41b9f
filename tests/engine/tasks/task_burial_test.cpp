// Workers that die, one for each thing that they may be at. The test is host and supervisor, and
// its second runner the worker that goes on.

#include "tasks/task_burial.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <memory>

#include "child_process.hpp"
#include "played_tasks.hpp"
#include "tasks/task_oversight.hpp"

namespace pinfold::testing {
namespace {

using detail::RunningTask;
using detail::TaskKind;
using detail::TaskOutcome;
using detail::TaskRunner;
using detail::TaskSlotId;
using detail::TaskState;

constexpr detail::WorkerNumber mortal = 0;
constexpr detail::WorkerNumber other = 1;

/// What tasks of the forked worker share with the test.
struct Shared {
    std::atomic<pid_t> worker{0};
    std::atomic<bool> reached{false};
};
Shared* shared = nullptr;

/// Of a task: the mortal worker stops here until it is killed; any other one goes on.
void stop_if_mortal() {
    if (getpid() == shared->worker) {
        shared->reached = true;
        for (;;) {
            pause();
        }
    }
}

class TaskBurial : public ::testing::Test {
  public:
    void bury() { played.bury(mortal, {shared->worker, SIGKILL, false}); }

  protected:
    TaskBurial() { shared = new (played.arena().allocate(sizeof(Shared))) Shared; }

    /// Forks the mortal worker, which runs tasks until one of them stops, and kills it there.
    void die_in_next() {
        shared->worker = 0;
        shared->reached = false;
        shm::ChildProcess child([this] {
            shared->worker = getpid();
            while (played.runners[mortal].run_next()) {
            }
            return 0;
        });
        while (!shared->reached) {
            usleep(100);
        }
        child.kill(SIGKILL);
        EXPECT_EQ(child.exit_code(), -SIGKILL);
    }

    void expect_nothing_left() {
        EXPECT_FALSE(played.runners[other].run_next());
        for (const detail::TaskLane& lane : played.table().lanes) {
            for (const detail::TaskSlot& slot : lane.slots) {
                EXPECT_EQ(detail::state_of(slot.word).kind, TaskKind::free);
            }
        }
        EXPECT_EQ(played.leaked(), 0U);
        EXPECT_EQ(played.table().lines[mortal].depth.load(), 0U);
    }

    PlayedTasks played{2};
};

void stops_then_twice(const RunningTask& task) {
    stop_if_mortal();
    return_from(task, 2 * message_of<int>(task));
}

TEST_F(TaskBurial, GivesTheTaskToAnother) {
    const TaskSlotId id = played.submit(stops_then_twice, 21);
    die_in_next();
    EXPECT_EQ(played.host.state(id), (TaskState{id.lap, mortal, 1, TaskKind::running}));
    EXPECT_FALSE(played.runners[other].run_next());
    bury();
    ASSERT_TRUE(played.runners[other].run_next());
    EXPECT_EQ(played.host.state(id), (TaskState{id.lap, other, 2, TaskKind::done}));
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), 42);
    EXPECT_EQ(played.host.failure(id).deaths_of(id.lap), 1U);
    EXPECT_EQ(played.host.failure(id).ends[0].worker, mortal);
    EXPECT_EQ(played.host.failure(id).ends[0].death.wait_status, SIGKILL);
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, LosesATaskWhoseAttemptsAreUsedUp) {
    const TaskSlotId id = played.submit(stops_then_twice, 21);
    const auto before = played.host.bell(id).value();
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
        EXPECT_EQ(played.host.state(id).kind, TaskKind::ready);
        die_in_next();
        bury();
    }
    EXPECT_EQ(played.host.state(id), (TaskState{id.lap, mortal, 3, TaskKind::done}));
    EXPECT_EQ(played.host.slot(id).outcome.load(), TaskOutcome::lost);
    EXPECT_EQ(played.host.failure(id).deaths_of(id.lap), 3U);
    EXPECT_NE(played.host.bell(id).value(), before) << "somebody may wait";
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, RunsNothingTwiceThatMustNot) {
    const TaskSlotId id = played.submit(stops_then_twice, 21, {.must_not_run_twice = true});
    die_in_next();
    bury();
    EXPECT_EQ(played.host.slot(id).outcome.load(), TaskOutcome::lost);
    EXPECT_EQ(played.host.state(id).kind, TaskKind::done);
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, EndsATaskThatWasKilled) {
    const TaskSlotId id = played.submit(stops_then_twice, 21);
    EXPECT_FALSE(played.host.kill(id)) << "it does not run";
    die_in_next();
    EXPECT_FALSE(detail::condemn_marked(played.table(), mortal));
    EXPECT_TRUE(played.host.kill(id));
    EXPECT_TRUE(detail::condemn_marked(played.table(), mortal));
    EXPECT_FALSE(detail::condemn_marked(played.table(), mortal)) << "once";
    EXPECT_FALSE(detail::condemn_marked(played.table(), other));
    bury();
    EXPECT_EQ(played.table().lines[mortal].condemned.load(), 0U);
    expect_nothing_left();
}

TEST_F(TaskBurial, RunsATaskAgainThatWasOnlyDropped) {
    const TaskSlotId id = played.submit(stops_then_twice, 21);
    die_in_next();
    EXPECT_TRUE(played.host.mark(id, detail::task_unwanted));
    bury();
    EXPECT_EQ(played.host.state(id).kind, TaskKind::ready);
    ASSERT_TRUE(played.runners[other].run_next());
    expect_nothing_left();
}

/// A long result, and the worker stops when it has its block.
void stops_with_a_block(const RunningTask& task) {
    task.result->block = task.blocks->take(5000);
    task.result->bytes = 5000;
    stop_if_mortal();
}

TEST_F(TaskBurial, FreesTheBlockOfAResultThatWasNotCommitted) {
    const std::vector<std::byte> message(3000);
    const TaskSlotId id = played.submit(stops_with_a_block, std::span(message));
    const std::size_t before = played.leaked();
    die_in_next();
    EXPECT_GT(played.leaked(), before);
    bury();
    EXPECT_EQ(played.leaked(), before) << "the message is kept";
    ASSERT_TRUE(played.runners[other].run_next());
    EXPECT_EQ(played.host.slot(id).result.bytes, 5000U);
    played.host.release(id);
    expect_nothing_left();
}

// Children. Each parent submits what the test is about, and then stops.

TaskSlotId submit_child(detail::TaskFunction call, std::size_t bytes = 4,
                        const TaskOptions& options = {}) {
    TaskRunner& runner = *detail::runner_here();
    const std::vector<std::byte> message(bytes);
    return PlayedTasks::submit(runner.owner(), call, std::span(message), options, runner.running());
}

void one(const RunningTask& task) {
    return_from(task, 1);
}

void submits_and_stops(const RunningTask& task) {
    if (getpid() == shared->worker) {
        submit_child(one);
        submit_child(one, 5000);
    }
    stop_if_mortal();
    return_from(task, 7);
}

TEST_F(TaskBurial, CancelsPendingChildrenAndFreesWhatTheyHeld) {
    const TaskSlotId id = played.submit(submits_and_stops, 0);
    die_in_next();
    EXPECT_GT(played.leaked(), 0U);
    bury();
    EXPECT_EQ(played.leaked(), 0U);
    ASSERT_TRUE(played.runners[other].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), 7);
    EXPECT_EQ(played.table().lines[other].starts.load(), 1U) << "no child ran";
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, RunsATaskAgainThatItsParentDroppedAndOutlived) {
    const auto drops = [](const RunningTask& task) {
        const TaskSlotId child = submit_child(stops_then_twice, 5000);
        detail::runner_here()->owner().mark(child, detail::task_unwanted);
        return_from(task, 0);
    };
    const TaskSlotId id = played.submit(drops, 0);
    die_in_next();
    EXPECT_EQ(played.host.state(id).kind, TaskKind::done);
    bury();
    EXPECT_GT(played.leaked(), 0U);
    ASSERT_TRUE(played.runners[other].run_next());
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, OrphansARunningChild) {
    const auto waits = [](const RunningTask& task) {
        if (getpid() == shared->worker) {
            submit_child(stops_with_a_block, 5000);
        }
        stop_if_mortal();
        return_from(task, 7);
    };
    const TaskSlotId id = played.submit(waits, 0);
    die_in_next();
    // The other worker has begun with the child when its parent's worker is buried.
    static TaskBurial* test = nullptr;
    test = this;
    const TaskSlotId child{detail::lane_of(mortal), 0, 1};
    detail::TaskSlot& slot = played.table().slot_of(child);
    slot.call = [](const RunningTask& task) {
        test->bury();
        stops_with_a_block(task);
    };
    ASSERT_TRUE(played.runners[other].run_next());
    EXPECT_EQ(detail::state_of(slot.word).kind, TaskKind::free) << "freed by who ran it";
    ASSERT_TRUE(played.runners[other].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), 7);
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, FreesTheResultsOfChildrenThatAreDone) {
    const auto runs_child = [](const RunningTask& task) {
        if (getpid() == shared->worker) {
            const TaskSlotId child = submit_child(
                [](const RunningTask& inner) {
                    inner.result->block = inner.blocks->take(5000);
                    inner.result->bytes = 5000;
                },
                5000);
            TaskRunner& runner = *detail::runner_here();
            runner.run_here(child, runner.owner().state(child));
        }
        stop_if_mortal();
        return_from(task, 7);
    };
    const TaskSlotId id = played.submit(runs_child, 0);
    die_in_next();
    EXPECT_GE(played.leaked(), 10'000U);
    bury();
    EXPECT_EQ(played.leaked(), 0U);
    ASSERT_TRUE(played.runners[other].run_next());
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, ChargesEachTaskOfTheStack) {
    const auto runs_child = [](const RunningTask& task) {
        TaskRunner& runner = *detail::runner_here();
        const TaskSlotId child = submit_child(stops_then_twice, 5000);
        if (getpid() == shared->worker) {
            runner.run_here(child, runner.owner().state(child));
        }
        runner.owner().cancel(child);
        runner.owner().release(child);
        return_from(task, 7);
    };
    const TaskSlotId id = played.submit(runs_child, 0, {.max_attempts = 2});
    die_in_next();
    EXPECT_EQ(played.table().lines[mortal].depth.load(), 2U);
    bury();
    EXPECT_EQ(played.host.state(id), (TaskState{id.lap, mortal, 1, TaskKind::ready}));
    EXPECT_EQ(played.leaked(), 0U);
    die_in_next();
    bury();
    EXPECT_EQ(played.host.slot(id).outcome.load(), TaskOutcome::lost)
        << "else parent and child went on for ever";
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, ForgivesATaskThatHadNotBegun) {
    const TaskSlotId id = played.submit(stops_then_twice, 21);
    // A worker that was condemned for what it had done before claims this, and is killed.
    played.table().lines[mortal].condemned = 5;
    shm::ChildProcess child([this] {
        static_cast<void>(played.runners[mortal].run_next());
        return 0;
    });
    while (played.host.state(id).kind != TaskKind::running) {
        usleep(100);
    }
    child.kill(SIGKILL);
    EXPECT_EQ(child.exit_code(), -SIGKILL);
    bury();
    EXPECT_EQ(played.host.state(id), (TaskState{id.lap, mortal, 0, TaskKind::ready}));
    EXPECT_EQ(played.host.failure(id).deaths_of(id.lap), 0U);
    ASSERT_TRUE(played.runners[other].run_next());
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, KnowsTheDeadlinesOfTheStack) {
    const auto runs_child = [](const RunningTask& task) {
        TaskRunner& runner = *detail::runner_here();
        const auto in_time = [](const RunningTask& of_child) { return_from(of_child, 1); };
        const TaskSlotId first = submit_child(in_time, 4, {.deadline = std::chrono::seconds(5)});
        runner.run_here(first, runner.owner().state(first));
        const TaskSlotId child =
            submit_child(stops_then_twice, 4, {.deadline = std::chrono::seconds(6)});
        runner.run_here(child, runner.owner().state(child));
        return_from(task, 7);
    };
    const TaskSlotId id =
        played.submit(runs_child, 0, {.deadline = std::chrono::seconds(7), .max_attempts = 1});
    EXPECT_EQ(detail::shortest_deadline_ns(played.table()), 0);
    played.table().watched_ns = 1;  // the test ticks, and wants no signal
    die_in_next();
    const detail::TaskLine& line = played.table().lines[mortal];
    EXPECT_EQ(line.levels_timed(), 2U);
    EXPECT_EQ(detail::deadline_ns_of(played.table(), mortal, 0), 7'000'000'000);
    EXPECT_EQ(detail::deadline_ns_of(played.table(), mortal, 1), 6'000'000'000);
    EXPECT_EQ(detail::deadline_ns_of(played.table(), other, 0), 0);
    EXPECT_EQ(detail::shortest_deadline_ns(played.table()), 6'000'000'000);
    EXPECT_EQ(played.table().watched_ns.load(), 6'000'000'000);
    const std::uint64_t doing = line.timed[0].load();
    const std::uint64_t doing_above = line.timed[1].load();
    EXPECT_EQ(doing_above, doing + 2);
    EXPECT_FALSE(detail::condemn(played.table(), mortal, doing + 1));
    EXPECT_FALSE(detail::condemn(played.table(), mortal, 0));
    EXPECT_TRUE(detail::condemn(played.table(), mortal, doing_above));
    played.table().lines[mortal].condemned = 0;
    EXPECT_TRUE(detail::condemn(played.table(), mortal, doing));
    bury();
    EXPECT_EQ(detail::shortest_deadline_ns(played.table()), 0);
    played.host.release(id);
    expect_nothing_left();
}

TEST_F(TaskBurial, TellsTheSupervisorOfADeadlineThatItDoesNotTickFor) {
    sigset_t child_signal;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_signal, nullptr);
    played.submit(stops_then_twice, 0, {.deadline = std::chrono::seconds(7)});
    shm::ChildProcess child([this] {
        shared->worker = getpid();
        static_cast<void>(played.runners[mortal].run_next());
        return 0;
    });
    siginfo_t told{};
    do {
        sigwaitinfo(&child_signal, &told);
    } while (told.si_code != SI_USER);
    EXPECT_EQ(told.si_pid, shared->worker);
    EXPECT_EQ(detail::shortest_deadline_ns(played.table()), 7'000'000'000);
    child.kill(SIGKILL);
    EXPECT_EQ(child.exit_code(), -SIGKILL);
    sigprocmask(SIG_UNBLOCK, &child_signal, nullptr);
}

}  // namespace
}  // namespace pinfold::testing
