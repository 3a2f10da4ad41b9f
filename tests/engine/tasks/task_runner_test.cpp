#include "tasks/task_runner.hpp"

#include <gtest/gtest.h>

#include <cfenv>
#include <chrono>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "played_tasks.hpp"
#include "results/in_map.hpp"
#include "results/turn.hpp"
#include "tasks/task_work.hpp"

namespace pinfold::testing {
namespace {

using detail::RunningTask;
using detail::TaskKind;
using detail::TaskOutcome;
using detail::TaskRunner;
using detail::TaskSlotId;
using detail::TaskState;

void twice(const RunningTask& task) {
    return_from(task, 2 * message_of<int>(task));
}

void nothing(const RunningTask& task) {
    task.result->bytes = 0;
}

/// The bytes of the message in reverse.
void reversed(const RunningTask& task) {
    std::byte* const to =
        task.bytes > detail::ResultSlot::room ? task.blocks->take(task.bytes) : task.result->here;
    std::reverse_copy(task.message, task.message + task.bytes, to);
    if (task.bytes > detail::ResultSlot::room) {
        task.result->block = to;
    }
    task.result->bytes = task.bytes;
}

void refuses(const RunningTask&) {
    throw std::domain_error("no such number");
}

std::vector<std::byte> some_bytes(std::size_t count) {
    std::vector<std::byte> bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
    }
    return bytes;
}

void give_back(PlayedTasks& played, const detail::ResultSlot& result) {
    if (result.has_block()) {
        played.heap().deallocate(detail::host_party, result.block);
    }
}

TEST(TaskWord, KeepsAllThatIsPackedIntoIt) {
    for (const TaskState& state :
         {TaskState{}, TaskState{0xFFFFFFFF, 4095, 255, TaskKind::discarded, 255},
          TaskState{7, 0, 1, TaskKind::running, detail::task_awaited},
          TaskState{1U << 31, 1, 0, TaskKind::ready, 0}}) {
        EXPECT_EQ(detail::unpack_task(detail::pack(state)), state);
    }
}

TEST(TaskRunner, RunsWhatTheHostSubmitsInOrderAndOnce) {
    PlayedTasks played(2);
    std::vector<TaskSlotId> ids;
    for (int i = 0; i < 8; ++i) {
        ids.push_back(played.submit(twice, i));
    }
    EXPECT_EQ(played.host.find_room([](const auto&) {}), std::nullopt);
    for (unsigned i = 0; i < 8; ++i) {
        EXPECT_EQ(played.host.state(ids[i]).kind, TaskKind::ready);
        EXPECT_TRUE(played.runners[i % 2].run_next());
        const TaskState state = played.host.state(ids[i]);
        EXPECT_EQ(state, (TaskState{ids[i].lap, i % 2, 1, TaskKind::done}));
    }
    EXPECT_FALSE(played.runners[0].run_next());
    EXPECT_FALSE(is_any_open(played.table()));
    for (unsigned i = 0; i < 8; ++i) {
        EXPECT_EQ(value_of<unsigned>(played.host.take_result(ids[i])), 2 * i);
        played.host.release(ids[i]);
    }
    EXPECT_EQ(played.table().lines[0].starts.load(), 4U);
    EXPECT_EQ(played.table().lines[0].depth.load(), 0U);
    EXPECT_EQ(played.leaked(), 0U);
}

TEST(TaskRunner, MovesMessagesAndResultsOfAnySize) {
    PlayedTasks played(1);
    for (const unsigned size : {0U, 1U, 56U, 57U, 71U, 72U, 73U, 1000U, 100'000U}) {
        const std::vector<std::byte> bytes = some_bytes(size);
        const TaskSlotId id = played.submit(reversed, std::span(bytes));
        ASSERT_TRUE(played.runners[0].run_next());
        const detail::ResultSlot result = played.host.take_result(id);
        EXPECT_EQ(std::vector<std::byte>(result.content().rbegin(), result.content().rend()),
                  bytes);
        give_back(played, result);
        played.host.release(id);
        EXPECT_EQ(played.leaked(), 0U) << size;
    }
}

TEST(TaskRunner, FreesWhatTheOwnerReleasesWithoutTakingTheResult) {
    PlayedTasks played(1);
    const std::vector<std::byte> bytes = some_bytes(5000);
    const TaskSlotId id = played.submit(reversed, std::span(bytes));
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_GE(played.leaked(), 10'000U);
    played.host.release(id);
    EXPECT_EQ(played.leaked(), 0U);
}

TEST(TaskRunner, KeepsWhatATaskThrows) {
    PlayedTasks played(1);
    const TaskSlotId id = played.submit(refuses, 1);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(played.host.state(id).kind, TaskKind::done);
    EXPECT_EQ(played.host.slot(id).outcome.load(), TaskOutcome::thrown);
    EXPECT_EQ(played.host.failure(id).lap, id.lap);
    EXPECT_STREQ(played.host.failure(id).type.data(), "std::domain_error");
    EXPECT_STREQ(played.host.failure(id).text.data(), "no such number");
    EXPECT_EQ(played.host.failure(id).deaths_of(id.lap), 0U);
    played.host.release(id);
}

TEST(TaskRunner, TellsOfAFullHeapAndIsNotSpent) {
    PlayedTasks played(1);
    const TaskSlotId id = played.submit(
        [](const RunningTask& task) {
            task.result->block = task.blocks->take(std::size_t{1} << 40);
        },
        0);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(played.host.slot(id).outcome.load(), TaskOutcome::heap_full);
    EXPECT_STREQ(played.host.failure(id).type.data(), "pinfold::shm::HeapFull");
    EXPECT_FALSE(played.runners[0].is_spent());
    played.host.release(id);
}

TEST(TaskRunner, PublishesNothingWhereTheMessageHasNoRoom) {
    PlayedTasks played(1);
    std::byte byte{};
    EXPECT_THROW(played.submit(nothing, std::span<const std::byte>(&byte, std::size_t{1} << 40)),
                 shm::HeapFull);
    EXPECT_FALSE(played.runners[0].run_next());
    for (int i = 0; i < 8; ++i) {
        played.submit(nothing, i);  // there is room for all of them
    }
}

TEST(TaskRunner, LeavesAWorkerThatLacksMemoryWithItsTask) {
    PlayedTasks played(1);
    const auto lacks = [](const RunningTask&) { throw std::bad_alloc(); };
    const TaskSlotId id = played.submit(lacks, 0, {.max_attempts = 2});
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_TRUE(played.runners[0].is_spent());
    EXPECT_EQ(played.host.state(id).kind, TaskKind::running);
    played.bury(0);
    EXPECT_EQ(played.host.state(id), (TaskState{id.lap, 0, 1, TaskKind::ready}));
    EXPECT_EQ(played.host.failure(id).deaths_of(id.lap), 0U) << "it is no death";
    TaskRunner successor(played.table(), 0);
    ASSERT_TRUE(successor.run_next());
    EXPECT_EQ(played.host.slot(id).outcome.load(), TaskOutcome::thrown) << "its last attempt";
    EXPECT_STREQ(played.host.failure(id).type.data(), "std::bad_alloc");
}

TEST(TaskRunner, TakesALackOfMemoryAsTheAnswerWhereWorkersAreThreads) {
    PlayedTasks played(1, 8, false);
    const TaskSlotId id = played.submit([](const RunningTask&) { throw std::bad_alloc(); }, 0);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_FALSE(played.runners[0].is_spent());
    EXPECT_EQ(played.host.slot(id).outcome.load(), TaskOutcome::thrown);
}

TEST(TaskRunner, DoesNotRunWhatWasCancelled) {
    PlayedTasks played(1);
    const std::vector<std::byte> bytes = some_bytes(1000);
    const TaskSlotId first = played.submit(reversed, std::span(bytes));
    const TaskSlotId second = played.submit(twice, 2);
    EXPECT_TRUE(played.host.cancel(first));
    EXPECT_FALSE(played.host.cancel(first));
    played.host.release(first);
    EXPECT_EQ(played.leaked(), 0U);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(played.host.state(second).kind, TaskKind::done);
    EXPECT_FALSE(played.host.cancel(second)) << "it is done";
    EXPECT_FALSE(played.host.mark(second, detail::task_awaited));
    EXPECT_FALSE(played.runners[0].run_next());
}

TEST(TaskRunner, TakesNoSlotForATaskThatHadItBefore) {
    PlayedTasks played(1, 1);
    const TaskSlotId first = played.submit(twice, 1);
    ASSERT_TRUE(played.host.cancel(first));
    played.host.release(first);
    const TaskSlotId second = played.submit(twice, 2);
    EXPECT_EQ(second.slot, first.slot);
    EXPECT_EQ(second.lap, first.lap + 1);
    EXPECT_FALSE(played.host.mark(first, detail::task_unwanted));
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_FALSE(played.runners[0].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(second)), 4);
}

/// A slot is used some 2^32 times in an hour of the shortest tasks.
TEST(TaskRunner, GoesOnWhenTheLapsOfItsSlotsBeginAnew) {
    PlayedTasks played(1, 4);
    for (detail::TaskSlot& slot : played.table().lanes[detail::host_lane].slots) {
        slot.word = pack(TaskState{.lap = ~std::uint32_t{0} - 1});
    }
    for (int i = 0; i < 20; ++i) {
        const TaskSlotId id = played.submit(twice, i);
        ASSERT_TRUE(played.runners[0].run_next());
        ASSERT_EQ(played.host.state(id), (TaskState{id.lap, 0, 1, TaskKind::done}));
        EXPECT_EQ(value_of<int>(played.host.take_result(id)), 2 * i);
        played.host.release(id);
    }
    EXPECT_EQ(played.leaked(), 0U);
}

TEST(TaskRunner, FindsATaskThatTheQueueHadNoRoomFor) {
    PlayedTasks played(2, 1);
    for (int i = 0; i < 10; ++i) {  // as many stale entries as the queue takes, and more
        const TaskSlotId id = played.submit(twice, i);
        ASSERT_TRUE(played.host.cancel(id));
        played.host.release(id);
    }
    const TaskSlotId id = played.submit(twice, 11);
    EXPECT_TRUE(is_any_open(played.table()));
    ASSERT_TRUE(played.runners[1].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), 22);
    EXPECT_FALSE(played.runners[1].run_next());
    EXPECT_FALSE(is_any_open(played.table()));
}

TEST(TaskRunner, FreesWhatNobodyWantsAnyMore) {
    PlayedTasks played(1, 2);
    const std::vector<std::byte> bytes = some_bytes(1000);
    const TaskSlotId id = played.submit(reversed, std::span(bytes));
    EXPECT_TRUE(played.host.mark(id, detail::task_unwanted));
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(played.host.state(id), (TaskState{.lap = id.lap}));
    EXPECT_EQ(played.leaked(), 0U);
    EXPECT_EQ(played.table().lines[0].freeing.load(), 0U);
    for (int i = 0; i < 2; ++i) {
        played.submit(twice, i);
    }
}

TEST(TaskRunner, OffersSlotsThatAreDoneWhereNoneIsFree) {
    PlayedTasks played(1, 2);
    const TaskSlotId first = played.submit(twice, 1);
    const TaskSlotId second = played.submit(twice, 2);
    EXPECT_EQ(played.host.find_room([](const auto&) { FAIL(); }), std::nullopt);
    ASSERT_TRUE(played.runners[0].run_next());
    std::vector<TaskSlotId> offered;
    EXPECT_EQ(played.host.find_room([&](const TaskSlotId& id) { offered.push_back(id); }),
              std::nullopt);
    EXPECT_EQ(offered, std::vector{first});
    const auto room = played.host.find_room([&](const TaskSlotId& id) { played.host.release(id); });
    EXPECT_EQ(room, (TaskSlotId{0, first.slot, first.lap + 1}));
    EXPECT_EQ(played.host.state(second).kind, TaskKind::ready);
}

TEST(TaskRunner, RingsForWhomItWasAskedTo) {
    PlayedTasks played(1);
    const TaskSlotId quiet = played.submit(twice, 1);
    const TaskSlotId awaited = played.submit(twice, 2);
    const TaskSlotId watched = played.submit(twice, 3);
    ASSERT_TRUE(played.host.mark(awaited, detail::task_awaited));
    ASSERT_TRUE(played.host.mark(watched, detail::task_watched));
    const auto values = [&] {
        return std::array{played.host.bell(quiet).value(), played.host.bell(awaited).value(),
                          played.host.lane().news.value()};
    };
    const auto before = values();
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(values(), before);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_NE(values()[1], before[1]);
    EXPECT_EQ(values()[2], before[2]);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_NE(values()[2], before[2]);
}

TEST(TaskRunner, KeepsNamesAndNumbers) {
    PlayedTasks played(1);
    const TaskSlotId named = played.submit(twice, 1, {.name = "a name of more than 23 bytes"});
    EXPECT_EQ(played.host.slot(named).name(), "a name of more than 23 ");
    EXPECT_EQ(played.host.slot(named).number, 1U);
    const TaskSlotId unnamed = played.submit(twice, 1);
    EXPECT_EQ(played.host.slot(unnamed).name(), "");
    EXPECT_EQ(played.host.slot(unnamed).number, 2U);
}

TEST(TaskRunner, RoundsAsTheSubmitterDoes) {
    PlayedTasks played(1);
    std::fesetround(FE_UPWARD);
    const TaskSlotId id =
        played.submit([](const RunningTask& task) { return_from(task, std::fegetround()); }, 0);
    std::fesetround(FE_TONEAREST);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), FE_UPWARD);
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
}

// Tasks that submit tasks. Each finds its worker by runner_here().

TaskSlotId submit_child(detail::TaskFunction call, int message) {
    TaskRunner& runner = *detail::runner_here();
    return PlayedTasks::submit(runner.owner(), call, std::as_bytes(std::span(&message, 1)), {},
                               runner.running());
}

int get_child(const TaskSlotId& id) {
    TaskRunner& runner = *detail::runner_here();
    const TaskState state = runner.owner().state(id);
    if (state.kind == TaskKind::ready) {
        EXPECT_TRUE(runner.run_here(id, state));
    }
    EXPECT_EQ(runner.owner().state(id).kind, TaskKind::done);
    const int value = value_of<int>(runner.owner().slot(id).result);
    runner.owner().release(id);
    return value;
}

void fibonacci(const RunningTask& task) {
    const int n = message_of<int>(task);
    if (n < 2) {
        return_from(task, n);
        return;
    }
    const TaskSlotId a = submit_child(fibonacci, n - 1);
    const TaskSlotId b = submit_child(fibonacci, n - 2);
    const int first = get_child(a);
    return_from(task, first + get_child(b));
}

TEST(TaskRunner, RunsNestedTasksOnOneWorker) {
    PlayedTasks played(1);
    EXPECT_EQ(detail::runner_here(), nullptr);
    const TaskSlotId id = played.submit(fibonacci, 15);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), 610);
    EXPECT_FALSE(played.runners[0].run_next()) << "all entries are stale";
    EXPECT_FALSE(is_any_open(played.table()));
    EXPECT_EQ(detail::runner_here(), nullptr);
    EXPECT_FALSE(detail::inside_map());
}

TEST(TaskRunner, LeavesNestedTasksToOthersWhoAreFree) {
    PlayedTasks played(2);
    static TaskRunner* other = nullptr;
    other = &played.runners[1];
    const TaskSlotId id = played.submit(
        [](const RunningTask& task) {
            const TaskSlotId child = submit_child(twice, 21);
            std::jthread([] { EXPECT_TRUE(other->run_next()); }).join();
            return_from(task, get_child(child));
        },
        0);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), 42);
    EXPECT_EQ(played.table().lines[1].starts.load(), 1U);
}

TEST(TaskRunner, RunsNoTaskInAWaitThatIsNoChildOfTheWaiting) {
    PlayedTasks played(1);
    const TaskSlotId id = played.submit(
        [](const RunningTask& task) {
            const TaskSlotId child = submit_child(
                [](const RunningTask& inner) {
                    return_from(inner, detail::runner_here()->run_own_child() ? 1 : 0);
                },
                0);
            const TaskSlotId sibling = submit_child(twice, 1);
            EXPECT_EQ(get_child(child), 0) << "the sibling is no child of the child";
            EXPECT_TRUE(detail::runner_here()->run_own_child());
            EXPECT_EQ(detail::runner_here()->owner().state(sibling).kind, TaskKind::done);
            EXPECT_FALSE(detail::runner_here()->run_own_child());
            return_from(task, get_child(sibling));
        },
        0);
    const TaskSlotId unrelated = played.submit(twice, 1);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), 2);
    EXPECT_EQ(played.host.state(unrelated).kind, TaskKind::ready);
}

/// Deeper and deeper, until it is refused; returns how deep.
void deeper(const RunningTask& task) {
    const TaskSlotId child = submit_child(deeper, 0);
    TaskRunner& runner = *detail::runner_here();
    try {
        runner.run_here(child, runner.owner().state(child));
    } catch (const std::runtime_error&) {
        EXPECT_TRUE(runner.owner().cancel(child));
        runner.owner().release(child);
        return_from(task, 1);
        return;
    }
    return_from(task, 1 + value_of<int>(runner.owner().slot(child).result));
    runner.owner().release(child);
}

TEST(TaskRunner, RefusesToNestTooDeep) {
    PlayedTasks played(1);
    const TaskSlotId id = played.submit(deeper, 0);
    ASSERT_TRUE(played.runners[0].run_next());
    EXPECT_EQ(value_of<int>(played.host.take_result(id)), static_cast<int>(detail::most_inline));
}

/// A host that submits as fast as there is room, and takes what is done.
class BusyHost {
  public:
    explicit BusyHost(PlayedTasks& played) : played_(played) {}

    void submit(int number) {
        const TaskOptions options;
        auto room = played_.host.find_room([this](const TaskSlotId& id) { take(id); });
        while (!room) {
            std::this_thread::yield();
            room = played_.host.find_room([this](const TaskSlotId& id) { take(id); });
        }
        played_.host.publish(
            *room,
            {.call = twice, .message = std::as_bytes(std::span(&number, 1)), .options = &options});
    }

    void take_all(int tasks) {
        const auto slots = static_cast<std::uint32_t>(played_.host.lane().slots.size());
        for (std::uint32_t slot = 0; returned_ < tasks; slot = (slot + 1) % slots) {
            const TaskState state = played_.host.state({0, slot, 0});
            if (state.kind == TaskKind::done) {
                take({0, slot, state.lap});
            }
        }
    }

    [[nodiscard]] std::int64_t sum() const { return sum_; }

  private:
    void take(const TaskSlotId& id) {
        sum_ += value_of<int>(played_.host.take_result(id));
        ++returned_;
        played_.host.release(id);
    }

    PlayedTasks& played_;
    std::int64_t sum_ = 0;
    int returned_ = 0;
};

TEST(TaskRunner, SharesOneLaneAmongThreads) {
    constexpr int tasks = 20'000;
    PlayedTasks played(3, 64, false);
    std::atomic<bool> is_over{false};
    std::vector<std::jthread> threads;
    for (TaskRunner& runner : played.runners) {
        threads.emplace_back([&] {
            while (!is_over) {
                if (!runner.run_next()) {
                    std::this_thread::yield();
                }
            }
        });
    }
    BusyHost host(played);
    for (int i = 0; i < tasks; ++i) {
        host.submit(i);
    }
    host.take_all(tasks);
    is_over = true;
    threads.clear();
    EXPECT_EQ(host.sum(), std::int64_t{tasks} * (tasks - 1));
    std::uint64_t starts = 0;
    for (const detail::TaskLine& line : played.table().lines) {
        starts += line.starts.load();
    }
    EXPECT_EQ(starts, static_cast<std::uint64_t>(tasks));
}

/// A shift that never ends.
class Beside final : public detail::Shift {
  public:
    explicit Beside(bool others_wait) : others_wait_(others_wait) {}
    [[nodiscard]] bool is_over() const noexcept override { return false; }
    [[nodiscard]] bool others_wait() const noexcept override { return others_wait_; }

  private:
    const bool others_wait_;
};

void longer_than_a_turn(const RunningTask& task) {
    std::this_thread::sleep_for(2 * std::chrono::nanoseconds(detail::turn_ns));
    task.result->bytes = 0;
}

TEST(TaskWork, RunsOneLongTaskInATurnWhileOthersWait) {
    PlayedTasks played(1);
    detail::TaskWork work(played.table());
    for (int i = 0; i < 4; ++i) {
        played.submit(longer_than_a_turn, i);
    }
    EXPECT_TRUE(work.work_in_turn(0, Beside(true)));
    EXPECT_EQ(work.starts_of(0), 1U);
    EXPECT_TRUE(work.work_in_turn(0, Beside(true)));
    EXPECT_EQ(work.starts_of(0), 2U);
    EXPECT_TRUE(work.work_in_turn(0, Beside(false)));
    EXPECT_EQ(work.starts_of(0), 4U);
    EXPECT_FALSE(work.work_in_turn(0, Beside(false)));
}

}  // namespace
}  // namespace pinfold::testing
