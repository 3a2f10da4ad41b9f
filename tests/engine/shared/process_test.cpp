#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "on_each_crew.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;
using testing::Gate;

class ProcessOnEachCrew : public testing::OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, ProcessOnEachCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

class ProcessOfAShared : public testing::NothingLeft {};

TEST_P(ProcessOnEachCrew, RunsAFunctionWithAnyCapture) {
    const auto sums = pool.array<long>(3);
    std::vector<long> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 1);
    const auto owned = std::make_unique<long>(7);
    const Process by_reference(pool, [&] {
        sums[0] = std::accumulate(numbers.begin(), numbers.end(), 0L);
        sums[1] = *owned;
        numbers.clear();
    });
    auto moved = [sums, only = std::make_unique<long>(9), times = 0]() mutable {
        sums[2] = *only + ++times;
    };
    const Process of_state(pool, moved);
    by_reference.join();
    of_state.join();
    EXPECT_EQ(sums[0], 500'500);
    EXPECT_EQ(sums[1], 7);
    EXPECT_EQ(sums[2], 10);
    EXPECT_EQ(numbers.size(), 1000U) << "what it changes is a copy";
}

void do_nothing() {}

TEST_P(ProcessOnEachCrew, MayBeAPlainFunction) {
    const Process process(pool, do_nothing);
    process.join();
    EXPECT_EQ(process.exit_code(), 0);
}

TEST_P(ProcessOnEachCrew, IsAChildWithANameAndAPid) {
    const testing::Shared<Gate> gate;
    const testing::Shared<std::array<int, 2>> told;
    const Process process(pool,
                          [&] {
                              *told = {getpid(), getppid()};
                              gate->pass();
                          },
                          {.name = "reader of files"});
    ASSERT_TRUE(gate->wait_for(1));
    EXPECT_EQ(process.name(), "reader of files");
    EXPECT_EQ(testing::name_of(process.pid()), "reader of files");
    EXPECT_EQ(process.pid(), (*told)[0]);
    EXPECT_EQ(getpid(), (*told)[1]);
    EXPECT_TRUE(process.is_alive());
    EXPECT_FALSE(process.join_for(1ms));
    EXPECT_FALSE(process.exit_code().has_value());
    gate->open();
    process.join();
    process.join();
    EXPECT_FALSE(process.is_alive());
    EXPECT_TRUE(process.join_for(-1s));
}

TEST_P(ProcessOnEachCrew, TellsHowItEnded) {
    const auto code_of = [this](const auto& function) {
        const Process process(pool, function);
        process.join();
        return process.exit_code().value();
    };
    EXPECT_EQ(code_of([] {}), 0);
    EXPECT_EQ(code_of([] { return 5; }), 0);
    EXPECT_EQ(code_of([] { _exit(4); }), 4);
    EXPECT_EQ(code_of([] { kill(getpid(), SIGKILL); }), -SIGKILL);
    EXPECT_EQ(code_of([] { raise(SIGUSR1); }), -SIGUSR1);
}

TEST_P(ProcessOnEachCrew, TellsTheExceptionThatEndedIt) {
    ::testing::internal::CaptureStderr();
    const Process process(pool, [] { throw std::runtime_error("no such file"); },
                          {.name = "reader"});
    process.join();
    EXPECT_EQ(process.exit_code(), 1);
    EXPECT_EQ(process.error(), "std::runtime_error: no such file");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "pinfold: the Process 'reader' ends by an exception: std::runtime_error: no such "
              "file\n");
    const Process next(pool, [] {});
    next.join();
    EXPECT_EQ(next.error(), "") << "at the same place";
}

TEST_P(ProcessOnEachCrew, EndsWhenItIsTold) {
    for (int i = 0; i < 20; ++i) {  // at whatever step of its birth
        const Process told(pool, [] { pause(); });
        told.terminate();
        told.join();
        EXPECT_EQ(told.exit_code(), -SIGTERM);
        const Process killed(pool, [] {
            signal(SIGTERM, SIG_IGN);
            pause();
        });
        killed.kill();
        killed.join();
        EXPECT_EQ(killed.exit_code(), -SIGKILL);
        killed.kill();
        killed.terminate();
    }
}

TEST_P(ProcessOnEachCrew, SharesObjectsWithAllOthers) {
    const auto total = pool.array<long>(1);
    const Mutex mutex(pool);
    const auto add = [total, mutex] {
        for (int i = 0; i < 500; ++i) {
            const std::lock_guard guard(mutex);
            const long before = total[0];
            std::this_thread::yield();
            total[0] = before + 1;
        }
    };
    std::vector<Process> processes;
    for (int i = 0; i < 3; ++i) {
        processes.emplace_back(pool, add);
    }
    for_each_chunk(pool, Range{0, 500}, [add](const Chunk& chunk) {
        if (chunk.begin == 0) {
            add();
        }
    });
    add();
    processes.clear();
    EXPECT_EQ(total[0], 2500);
}

TEST_P(ProcessOnEachCrew, LosesWhatItHeldWhenItDies) {
    const testing::Shared<Gate> gate;
    const Mutex mutex(pool);
    const Process holder(pool, [&] {
        mutex.lock();
        gate->pass();
    });
    ASSERT_TRUE(gate->wait_for(1));
    const Process waiter(pool, [&] { std::_Exit(mutex.lock_or_recover() ? 42 : 43); });
    holder.kill();
    waiter.join();
    EXPECT_EQ(waiter.exit_code(), 42);
    EXPECT_THROW(mutex.lock(), OwnerDied) << "the waiter has ended as well";
    EXPECT_TRUE(mutex.lock_or_recover());
    mutex.make_consistent();
    mutex.unlock();
}

TEST_P(ProcessOnEachCrew, HasThreadsOfItsOwn) {
    const auto total = pool.array<long>(1);
    const Mutex mutex(pool);
    const Process process(pool, [&] {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k < 200; ++k) {
                    const std::lock_guard guard(mutex);
                    ++total[0];
                }
            });
        }
        threads.clear();
        std::thread([&] { mutex.lock(); }).join();
        std::_Exit(mutex.lock_or_recover() ? 42 : 43);
    });
    process.join();
    EXPECT_EQ(process.exit_code(), 42) << "a thread that ended is a holder that died";
    EXPECT_EQ(total[0], 1600);
}

/// Fills stacks of many threads, so that one which is used twice does not stay as it was.
void use_stacks() {
    for (int round = 0; round < 3; ++round) {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 20; ++i) {
            threads.emplace_back([] {
                volatile char filled[100'000];
                for (volatile char& each : filled) {
                    each = 7;
                }
            });
        }
    }
}

TEST_P(ProcessOnEachCrew, KeepsTheVariablesOfTheThreadThatMadeIt) {
    const testing::Shared<Gate> gate;
    std::vector<std::jthread> others;  // their stacks are free in the child
    for (int i = 0; i < 6; ++i) {
        others.emplace_back([&] { gate->pass(); });
    }
    std::optional<int> code;
    std::thread([&] {
        std::array<long, 1000> numbers{};
        std::iota(numbers.begin(), numbers.end(), 1);
        const Process process(pool, [&] {
            use_stacks();
            std::_Exit(std::accumulate(numbers.begin(), numbers.end(), 0L) == 500'500 ? 42 : 43);
        });
        process.join();
        code = process.exit_code();
    }).join();
    gate->open();
    EXPECT_EQ(code, 42);
}

TEST_P(ProcessOnEachCrew, WorksOnQueues) {
    const Queue<long> jobs(pool, 64);
    const Queue<long> squares(pool, 64);
    const Process p(pool, [&] {
        while (const auto n = jobs.get()) {
            squares.put(*n * *n);
        }
    });
    jobs.put(1'000'000);
    jobs.put(7);
    jobs.close();
    p.join();
    EXPECT_EQ(squares.get(), 1'000'000'000'000);
    EXPECT_EQ(squares.get(), 49) << "what it put stays";
}

TEST_P(ProcessOnEachCrew, UsesWhatWasMadeBehindIt) {
    const Queue<Queue<long>> sent(pool, 4);
    const Process process(pool, [&] {
        const auto answers = sent.get();
        answers->put(42);
    });
    const Queue<long> answers(pool, 4);
    sent.put(answers);
    EXPECT_EQ(answers.get(), 42);
}

// Each holds a lock, has taken blocks of the heap, and ends by all means.
TEST_F(ProcessOfAShared, IsFollowedByAThousandOthers) {
    const Shared shared({.processes = 1, .seats = 2});
    const Mutex mutex(shared);
    const Queue<std::string> queue(shared, 4);
    const auto one_more = [&](int i) {
        const Process process(shared, [&] {
            mutex.lock();
            queue.put(std::string(10'000, 'a'));
            if (i % 3 != 0) {
                i % 3 == 1 ? std::_Exit(0) : static_cast<void>(raise(SIGKILL));
            }
        });
        process.join();
        EXPECT_EQ(process.exit_code(), i % 3 == 2 ? -SIGKILL : 0);
        EXPECT_TRUE(mutex.lock_or_recover());
        mutex.make_consistent();
        mutex.unlock();
        EXPECT_EQ(queue.get().value().size(), 10'000U);
    };
    for (int i = 0; i < 3; ++i) {
        one_more(i);
    }
    const testing::Leftovers before;
    const std::size_t used = shared.arena()->used_bytes();
    for (int i = 0; i < 1000; ++i) {
        one_more(i);
    }
    const testing::Leftovers after;
    EXPECT_EQ(after.processes, before.processes);
    EXPECT_EQ(after.descriptors, before.descriptors);
    EXPECT_EQ(shared.arena()->used_bytes(), used);
}

TEST_F(ProcessOfAShared, WhoseThreadsFindNoSeatIsToldTheOption) {
    const Shared shared({.seats = 1});
    const Mutex mutex(shared);
    const std::lock_guard guard(mutex);
    const Process process(shared, [&] { mutex.lock(); });
    process.join();
    EXPECT_NE(process.error().find("all 1 seats of a space have a thread already; see the option "
                                   "`seats` of Pool and Shared"),
              std::string::npos)
        << process.error();
}

TEST_F(ProcessOfAShared, IsRefusedBeyondTheMost) {
    const Shared shared({.bytes = std::size_t{1} << 20, .processes = 2});
    const testing::Shared<Gate> gate;
    const Process first(shared, [&] { gate->pass(); });
    const Process second(shared, [&] { gate->pass(); });
    EXPECT_EQ(testing::refusal<std::system_error>([&] { Process(shared, [] {}); }),
              "cannot start a Process: 2 of this space run already, which the option `processes` "
              "of Pool and Shared says: Resource temporarily unavailable");
    gate->open();
    first.join();
    const Process third(shared, [] {});
    third.join();
    EXPECT_EQ(third.exit_code(), 0);
}

}  // namespace
}  // namespace pinfold
