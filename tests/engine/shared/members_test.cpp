// Processes that are named as users of a Barrier or of an end of a pipe, and end before they have
// used it: nobody waits for them, and nobody is told of an end that did not come.

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "on_each_crew.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Gate;
using testing::HostProcess;
using testing::refusal;

class MembersOnEachCrew : public testing::OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, MembersOnEachCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

/// All the ways in which a Process can end before it has used anything.
const std::vector<void (*)()> ends{[] {}, [] { std::exit(3); }, [] { raise(SIGKILL); },
                                   [] { throw std::runtime_error("amiss"); }};

TEST_P(MembersOnEachCrew, ThatEndBeforeTheyArriveBreakTheBarrier) {
    for (const auto end : ends) {
        const Barrier barrier(pool, 2);
        const Process process(pool, end, {.uses = {barrier}});
        EXPECT_THROW(barrier.arrive_and_wait(), BarrierBroken);
        EXPECT_THROW(barrier.arrive_and_wait(), BarrierBroken) << "until it is reset";
        process.join();
        barrier.reset();
        const Process next(pool, [&] { barrier.arrive_and_wait(); }, {.uses = {barrier}});
        barrier.arrive_and_wait();
        next.join();
        EXPECT_EQ(next.exit_code(), 0);
    }
}

TEST_P(MembersOnEachCrew, ThatEndBeforeTheyUseAnEndLeaveIt) {
    for (const auto end : ends) {
        const auto [here, there] = make_pipe<int>(pool, 1);
        here.put(1);
        const Process process(pool, end, {.uses = {there}});
        std::thread writer([put_to = here] { EXPECT_THROW(put_to.put(2), BrokenPipe); });
        EXPECT_EQ(here.get(), std::nullopt);
        writer.join();
        EXPECT_TRUE(here.is_other_gone());
        EXPECT_FALSE(there.is_other_gone());
        const Process next(pool, [end = there] { end.put(2 * *end.get()); }, {.uses = {there}});
        EXPECT_EQ(here.get(), 2) << "it is there again, and what was put as well";
        EXPECT_EQ(here.get(), std::nullopt);
    }
}

TEST_P(MembersOnEachCrew, AreWaitedForUntilTheLastHasGone) {
    const auto [here, there] = make_pipe<int>(pool, 1);
    const testing::Shared<Gate> gate;
    const Process slow(pool, [&] { gate->pass(); }, {.uses = {there}});
    const Process quick(pool, [] { raise(SIGKILL); }, {.uses = {there}});
    quick.join();
    EXPECT_FALSE(here.is_other_gone());
    EXPECT_THROW(static_cast<void>(here.get_for(std::chrono::milliseconds(1))), Timeout);
    here.put(1);
    gate->open();
    EXPECT_EQ(here.get(), std::nullopt);
}

TEST_P(MembersOnEachCrew, HaveEachAnEndOfAPipeBetweenThem) {
    const auto [first, second] = make_pipe<int>(pool, 4);
    const Process dying(pool, [] { raise(SIGKILL); }, {.uses = {first}});
    const Process waiting(pool, [end = second] { std::exit(end.get() ? 1 : 7); },
                          {.uses = {second}});
    waiting.join();
    EXPECT_EQ(waiting.exit_code(), 7);
}

TEST_P(MembersOnEachCrew, FindTheirPlacesWhoeverComesBefore) {
    const Barrier barrier(pool, 3);
    const testing::Shared<Gate> gate;
    const auto come_with_a_thread = [&] {
        gate->pass();
        std::thread other([&] { barrier.arrive_and_wait(); });
        barrier.arrive_and_wait();
        other.join();
    };
    const Process process(pool, come_with_a_thread, {.uses = {barrier, barrier}});
    EXPECT_EQ(barrier.arrived(), 0U);
    std::thread first([&] { barrier.arrive_and_wait(); });
    while (barrier.arrived() == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(refusal<std::logic_error>([&] { barrier.join(); }),
              "Barrier::join(): all 3 members are other threads; leave() makes room");
    EXPECT_EQ(refusal<std::logic_error>(
                  [&] { const Process one_more(pool, [] {}, {.uses = {barrier}}); }),
              "cannot start a Process: all 3 members of a Barrier that it uses are others");
    gate->open();
    first.join();
    process.join();
    EXPECT_EQ(process.exit_code(), 0);
}

TEST_P(MembersOnEachCrew, MayLeaveBeforeTheyCome) {
    const Barrier barrier(pool, 1);
    const Process leaving(pool, [&] { barrier.leave(); }, {.uses = {barrier}});
    leaving.join();
    EXPECT_EQ(leaving.exit_code(), 0);
    EXPECT_FALSE(barrier.is_broken());
    EXPECT_TRUE(barrier.arrive_and_wait()) << "the place is free";
}

TEST_P(MembersOnEachCrew, JoinBeforeTheyArrive) {
    const Barrier barrier(pool, 2);
    barrier.join();
    barrier.join();
    EXPECT_EQ(barrier.arrived(), 0U);
    std::thread([&] { barrier.join(); }).join();
    EXPECT_TRUE(barrier.is_broken()) << "its thread ended";
    barrier.reset();
    const Process process(pool,
                          [&] {
                              barrier.join();
                              raise(SIGKILL);
                          },
                          {.uses = {barrier}});
    EXPECT_THROW(barrier.arrive_and_wait(), BarrierBroken);
}

TEST_P(MembersOnEachCrew, OfWhatHasEndedHarmNothing) {
    const std::size_t before = pool.arena()->used_bytes();
    const testing::Shared<Gate> gate;
    std::optional<Process> process;
    {
        const Barrier barrier(pool, 2);
        const Barrier other(pool, 2);
        const auto [here, there] = make_pipe<int>(pool, 1);
        process.emplace(
            pool, [&] { gate->pass(); }, ProcessOptions{.uses = {barrier, there, other}});
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
    const Barrier next(pool, 2);
    process->kill();
    process->join();
    EXPECT_FALSE(next.is_broken());
    EXPECT_EQ(next.arrived(), 0U);
}

TEST_P(MembersOnEachCrew, AreOfTheSameSpace) {
    const Shared other_space;
    const Barrier other(other_space, 2);
    const testing::Shared<std::atomic<bool>> has_run;
    const auto run = [&] { *has_run = true; };
    EXPECT_EQ(refusal<std::logic_error>([&] { Process(pool, run, {.uses = {other}}).join(); }),
              "cannot start a Process: an object that it uses is of another Pool or Shared");
    Barrier barrier(pool, 2);
    const Barrier moved = std::move(barrier);
    EXPECT_THROW(Process(pool, run, {.uses = {barrier}}).join(), std::logic_error);
    EXPECT_FALSE(*has_run);
}

/// Meets the other one, and has it answer by the same number, until it has gone.
int use_until_it_dies(const Barrier& barrier, const PipeEnd<int>& end) {
    int laps = 0;
    try {
        for (;; ++laps) {
            barrier.arrive_and_wait();
            end.put(laps);
            const auto got = end.get();
            if (!got) {
                break;
            }
            EXPECT_EQ(got, laps);
        }
    } catch (const BarrierBroken&) {
    } catch (const BrokenPipe&) {
    }
    return laps;
}

TEST_P(MembersOnEachCrew, MayBeKilledAtAnyMoment) {
    std::mt19937_64 random(16);
    const Barrier barrier(pool, 2);
    int laps = 0;
    for (int round = 0; round < 150; ++round) {
        const auto [here, there] = make_pipe<int>(pool, 2);
        const auto answer = [&, end = there] {
            for (;;) {
                barrier.arrive_and_wait();
                end.put(*end.get());
            }
        };
        const Process process(pool, answer, {.uses = {barrier, there}});
        std::thread killer([&process, time = random() % 800] {
            std::this_thread::sleep_for(std::chrono::microseconds(time));
            process.kill();
        });
        laps += use_until_it_dies(barrier, here);
        killer.join();
        process.join();
        EXPECT_TRUE(barrier.is_broken());
        EXPECT_TRUE(here.is_other_gone());
        barrier.reset();
    }
    EXPECT_GT(laps, 0);
}

std::atomic<bool> dies_at_its_fork = false;
void die_if_asked() {
    if (dies_at_its_fork.load()) {
        kill(getpid(), SIGKILL);
    }
}

TEST(MembersOfAShared, MayDieAtTheirFork) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        const Shared shared;
        const Barrier barrier(shared, 2);
        const auto [here, there] = make_pipe<int>(shared, 1);
        pthread_atfork(nullptr, nullptr, die_if_asked);
        dies_at_its_fork = true;
        const Process process(shared, [] {}, {.uses = {barrier, there}});
        std::string text = refusal<BarrierBroken>([&] { barrier.arrive_and_wait(); });
        text += here.get() ? " a message" : " none";
        process.join();
        tell(std::to_string(*process.exit_code()) + " " + text);
    });
    EXPECT_EQ(told.substr(0, 3), "-9 ");
    EXPECT_NE(told.find("Barrier::arrive_and_wait()"), std::string::npos) << told;
    EXPECT_NE(told.find(" none"), std::string::npos) << told;
}

TEST(MembersOfAShared, AreNoneWhereTheForkFails) {
    if (testing::under_asan) {
        GTEST_SKIP() << "UndefinedBehaviorSanitizer needs a pipe to look at an object's type";
    }
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        const Shared shared;
        const Barrier barrier(shared, 2);
        const auto pipe = make_pipe<int>(shared, 1);
        const auto& [here, there] = pipe;
        Process(shared, [] {}).join();
        testing::limit_softly(RLIMIT_NOFILE, 3);
        const std::string refused = refusal<std::system_error>([&] {
            const Process process(shared, [] {}, {.uses = {barrier, barrier, pipe.second}});
        });
        testing::limit_softly(RLIMIT_NOFILE, 200);
        bool is_right = refused != "accepted" && !barrier.is_broken() && !here.is_other_gone();
        const auto come = [&, end = there] {
            barrier.arrive_and_wait();
            end.put(1);
        };
        const Process next(shared, come, {.uses = {barrier, there}});
        barrier.arrive_and_wait();
        is_right = is_right && here.get() == 1 && !here.get();
        tell(is_right ? "right" : "wrong: " + refused);
    });
    EXPECT_EQ(told, "right");
}

}  // namespace
}  // namespace pinfold
