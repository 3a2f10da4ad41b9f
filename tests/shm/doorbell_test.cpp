#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

using namespace std::chrono_literals;

constexpr auto for_ever = -1ns;
constexpr auto long_enough = 60s;  // to come on the most loaded machine

TEST(Doorbell, ReturnsAtOnceWhenItRangAfterTheLook) {
    Doorbell bell;
    const std::uint32_t seen = bell.value();
    bell.ring();
    EXPECT_TRUE(bell.wait(seen, for_ever));
    EXPECT_TRUE(bell.wait(seen, 0ns));
}

TEST(Doorbell, SaysThatTheTimePassedWhenNobodyRings) {
    Doorbell bell;
    EXPECT_FALSE(bell.wait(bell.value(), 0ns));
    EXPECT_FALSE(bell.wait(bell.value(), 2ms));
}

TEST(Doorbell, KeepsItsValueWhileOthersSleep) {
    Doorbell bell;
    const std::uint32_t seen = bell.value();
    EXPECT_FALSE(bell.wait(seen, 1ms));
    EXPECT_EQ(bell.value(), seen) << "a sleep is no ring";
    EXPECT_FALSE(bell.wait(seen, 1ms));
}

TEST(Doorbell, TakesTheLongestTimeoutThereIs) {
    Doorbell bell;
    const std::uint32_t seen = bell.value();
    std::jthread ringer([&bell] { bell.ring(); });
    EXPECT_TRUE(bell.wait(seen, std::chrono::nanoseconds::max()));
}

TEST(Doorbell, WakesAllWaitingThreads) {
    Doorbell bell;
    const std::uint32_t seen = bell.value();
    std::atomic<int> woken = 0;
    {
        std::vector<std::jthread> waiters;
        for (int i = 0; i < 8; ++i) {
            waiters.emplace_back([&] { woken += bell.wait(seen, long_enough) ? 1 : 0; });
        }
        bell.ring();
    }
    EXPECT_EQ(woken, 8);
}

/// Whether the thread of this process, or 0 before it is known, sleeps.
bool sleeps(pid_t thread) {
    if (thread == 0) {
        return false;
    }
    std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string line;
    std::getline(stat, line);
    const std::size_t name_end = line.rfind(')');
    return name_end != std::string::npos && line[name_end + 2] == 'S';
}

/// Threads that sleep on a bell until it rings for them once.
class Sleepers {
  public:
    Sleepers(Doorbell& bell, std::size_t count) : ids_(count) {
        for (std::atomic<pid_t>& id : ids_) {
            threads_.emplace_back([this, &bell, &id] {
                const std::uint32_t seen = bell.value();
                id = gettid();
                woken_ += bell.wait(seen, long_enough) ? 1 : 0;
            });
        }
        for (const std::atomic<pid_t>& id : ids_) {
            while (!sleeps(id)) {
                std::this_thread::sleep_for(1ms);
            }
        }
    }

    /// Waits until so many were woken; returns how many were.
    int woken(int expected) const {
        while (woken_ < expected) {
            std::this_thread::sleep_for(1ms);
        }
        return woken_;
    }

  private:
    std::atomic<int> woken_ = 0;
    std::vector<std::atomic<pid_t>> ids_;
    std::vector<std::jthread> threads_;
};

TEST(Doorbell, WakesAsManyAsItRingsForAndFindsTheOthersLater) {
    Doorbell bell;
    const Sleepers sleepers(bell, 8);
    EXPECT_EQ(bell.ring_for(2), 2U);
    EXPECT_EQ(sleepers.woken(2), 2);
    EXPECT_EQ(bell.ring_for(1), 1U);
    EXPECT_EQ(sleepers.woken(3), 3);
    EXPECT_EQ(bell.ring_for(100), 5U) << "no more sleep";
    EXPECT_EQ(sleepers.woken(8), 8);
    EXPECT_EQ(bell.ring_for(1), 0U);
}

TEST(Doorbell, WakesAllThatAreLeftByARingForSome) {
    Doorbell bell;
    const Sleepers sleepers(bell, 4);
    EXPECT_EQ(bell.ring_for(1), 1U);
    const std::uint32_t before = bell.value();
    const std::uint32_t rung = bell.ring();
    EXPECT_EQ(rung, bell.value());
    EXPECT_NE(rung, before);
    EXPECT_EQ(sleepers.woken(4), 4);
}

/// Things that are put out for takers. Each is held until all that were put out are taken: so one
/// taker that is awake hides nothing.
struct Things {
    Doorbell bell;
    Doorbell done;
    std::atomic<int> to_take = 0;
    std::atomic<int> out = 0;
    std::atomic<int> taken = 0;
    std::atomic<bool> over = false;

    void take_all() {
        while (!over) {
            const std::uint32_t seen = bell.value();
            int left = to_take;
            while (left > 0 && !to_take.compare_exchange_weak(left, left - 1)) {
            }
            if (left > 0) {
                const int all = out;
                ++taken;
                done.ring();
                wait_until_taken(all);
            } else {
                bell.wait(seen, for_ever);
            }
        }
    }

    void put(int some) {
        out += some;
        to_take += some;
        bell.ring_for(static_cast<std::uint32_t>(some));
    }

    /// Returns false when they are not within a minute, or when it is over.
    bool wait_until_taken(int all) {
        const auto end = std::chrono::steady_clock::now() + long_enough;
        for (std::uint32_t seen = done.value(); taken < all; seen = done.value()) {
            done.wait(seen, 1ms);
            if (over || std::chrono::steady_clock::now() >= end) {
                return false;
            }
        }
        return true;
    }
};

TEST(Doorbell, LosesNoRingForSome) {
    constexpr int takers = 4;
    Things things;
    std::vector<std::jthread> threads;
    for (int i = 0; i < takers; ++i) {
        threads.emplace_back([&things] { things.take_all(); });
    }
    bool all_came = true;
    for (int round = 0; round < 3000 && all_came; ++round) {
        things.put(1 + round % takers);
        all_came = things.wait_until_taken(things.out);
    }
    EXPECT_TRUE(all_came);
    things.over = true;
    things.bell.ring();
}

/// Two parties that take turns in adding one; each waits on the other's bell.
struct PingPong {
    Doorbell bells[2];
    std::atomic<int> count = 0;

    bool play(int side, int rounds) {
        for (int turn = side; turn < 2 * rounds; turn += 2) {
            for (;;) {
                const std::uint32_t seen = bells[side].value();
                if (count.load() == turn) {
                    break;
                }
                if (!bells[side].wait(seen, long_enough)) {
                    return false;
                }
            }
            count.store(turn + 1);
            bells[1 - side].ring();
        }
        return true;
    }
};

TEST(Doorbell, LosesNoRingBetweenThreads) {
    PingPong game;
    std::jthread other([&game] { game.play(1, 5000); });
    EXPECT_TRUE(game.play(0, 5000));
    other.join();
    EXPECT_EQ(game.count, 10'000);
}

TEST(Doorbell, LosesNoRingBetweenProcesses) {
    Arena arena({.bytes = 4096});
    auto* const game = new (arena.allocate(sizeof(PingPong))) PingPong;
    ChildProcess other([game] { return game->play(1, 5000) ? 0 : 1; });
    EXPECT_TRUE(game->play(0, 5000));
    EXPECT_EQ(other.exit_code(), 0);
    EXPECT_EQ(game->count, 10'000);
}

/// The state letter of /proc/PID/stat; 'S' is asleep.
char state_of(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(stat, line);
    const std::size_t name_end = line.rfind(')');
    return name_end == std::string::npos ? '?' : line[name_end + 2];
}

struct Bell {
    Doorbell bell;
    std::atomic<bool> about_to_wait = false;
};

TEST(Doorbell, WorksOnAfterAWaiterIsKilledInItsSleep) {
    Arena arena({.bytes = 4096});
    auto* const shared = new (arena.allocate(sizeof(Bell))) Bell;
    for (int round = 0; round < 20; ++round) {
        const std::uint32_t seen = shared->bell.value();
        shared->about_to_wait = false;
        ChildProcess killed([shared, seen] {
            shared->about_to_wait = true;
            shared->bell.wait(seen, for_ever);
            return 0;
        });
        while (!shared->about_to_wait || state_of(killed.pid()) != 'S') {
            std::this_thread::sleep_for(1ms);
        }
        killed.kill(SIGKILL);
        EXPECT_EQ(killed.exit_code(), -SIGKILL);

        ChildProcess waiter(
            [shared, seen] { return shared->bell.wait(seen, long_enough) ? 0 : 1; });
        shared->bell.ring();
        EXPECT_EQ(waiter.exit_code(), 0);
    }
}

void ignore(int) {}

TEST(Doorbell, SleepsOnAfterASignal) {
    Arena arena({.bytes = 4096});
    auto* const shared = new (arena.allocate(sizeof(Bell))) Bell;
    const std::uint32_t seen = shared->bell.value();
    ChildProcess waiter([shared, seen] {
        signal(SIGUSR1, ignore);
        shared->about_to_wait = true;
        return shared->bell.wait(seen, long_enough) && shared->bell.value() != seen ? 0 : 1;
    });
    while (!shared->about_to_wait) {
        std::this_thread::sleep_for(1ms);
    }
    for (int i = 0; i < 20; ++i) {
        waiter.kill(SIGUSR1);
        std::this_thread::sleep_for(1ms);
    }
    shared->bell.ring();
    EXPECT_EQ(waiter.exit_code(), 0);
}

TEST(Futex, ReturnsAtOnceWhenTheWordHasChanged) {
    const std::atomic<std::uint32_t> word = 1;
    futex_wait(word, 0, for_ever);
}

TEST(Futex, EndsItsWaitAfterTheTimeout) {
    const std::atomic<std::uint32_t> word = 0;
    futex_wait(word, 0, 1ms);
    futex_wait(word, 0, 0ns);
}

TEST(Futex, ThrowsForAWordThatTheKernelRefuses) {
    void* const forbidden = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(forbidden, MAP_FAILED);
    const auto* const word = static_cast<const std::atomic<std::uint32_t>*>(forbidden);
    EXPECT_THROW(futex_wait(*word, 0, 1ms), std::system_error);
    munmap(forbidden, 4096);
}

}  // namespace
}  // namespace pinfold::shm
