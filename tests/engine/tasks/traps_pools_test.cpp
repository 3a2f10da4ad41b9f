// Pools that end, break or multiply while there are tasks and futures.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "process_tree.hpp"
#include "task_traps.hpp"

namespace pinfold::testing {
namespace {

constexpr auto add = [](int a, int b) { return a + b; };

class PoolTraps : public NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    [[nodiscard]] Pool make(int workers = 2) const { return make_pool(GetParam(), workers); }
};
PINFOLD_ON_WORKERS(PoolTraps);

TEST_P(PoolTraps, AnInitializerThatThrowsBreaksThePoolAtOnce) {
    const auto make_with = [](Crew crew) {
        Pool pool({.crew = crew, .workers = 2, .pin = "none", .initializer = [] {
                       throw std::runtime_error("no licence");
                   }});
    };
    if (GetParam() == Crew::processes) {
        EXPECT_THROW(make_with(Crew::processes), PoolBroken);
    } else {
        EXPECT_THROW(make_with(GetParam()), std::invalid_argument);
    }
}

struct Failing {
    std::atomic<int>* starts;
    void operator()() const {
        if (starts->fetch_add(1) >= 1) {
            throw std::runtime_error("no licence any more");
        }
    }
};

/// Python's Pool starts workers for ever then, and its futures never end.
TEST(PoolTrapsOfProcesses, AnInitializerThatThrowsLaterEndsAllWaits) {
    const Shared<std::atomic<int>> starts;
    Pool pool({.crew = Crew::processes,
               .workers = 1,
               .pin = "none",
               .initializer = Failing{starts.get()}});
    const auto deadly = pool.submit([] { raise(SIGKILL); });
    const auto pending = pool.submit(add, 1, 2);
    EXPECT_THROW(deadly.get(), PoolBroken);
    EXPECT_THROW(pending.get(), PoolBroken);
    EXPECT_THROW((void)pool.submit(add, 1, 2).get(), PoolBroken);
}

TEST_P(PoolTraps, APoolThatEndsCancelsWhatOthersWaitFor) {
    const Shared<Gate> gate;
    std::optional<Pool> pool(make());
    std::vector<Future<int>> running;
    for (int i = 0; i < 2; ++i) {
        running.push_back(pool->submit(pass, AtGate{gate.get()}, i));
    }
    ASSERT_TRUE(gate->wait_for(2));
    std::vector<Future<int>> pending;
    for (int i = 0; i < 100; ++i) {
        pending.push_back(pool->submit(add, i, 1));
    }
    std::atomic<int> cancelled{0};
    std::vector<std::jthread> waiters;
    for (int t = 0; t < 4; ++t) {
        waiters.emplace_back([&, t] {
            for (std::size_t i = static_cast<std::size_t>(t); i < pending.size(); i += 4) {
                try {
                    pending[i].get_for(std::chrono::hours(1));
                } catch (const Cancelled&) {
                    ++cancelled;
                }
            }
        });
    }
    std::jthread waits_for_all([&] { wait(pending, WaitFor::all, std::chrono::hours(1)); });
    std::jthread opener([&] {
        pending.back().wait_for(std::chrono::hours(1));
        gate->open();  // workers that are threads have to come to an end
    });
    pool.reset();
    waiters.clear();
    EXPECT_EQ(cancelled, 100);
    for (const Future<int>& future : running) {
        EXPECT_TRUE(future.done());
    }
}

TEST_P(PoolTraps, AFutureOutlivesItsPool) {
    std::optional<Pool> pool(make());
    const auto arena = pool->arena();
    const auto small = pool->submit(add, 3, 4);
    auto large = pool->submit([] { return std::string(100'000, 'x'); });
    const auto unread = pool->submit([] { return std::string(100'000, 'y'); });
    const auto failed = pool->submit([]() -> int { throw std::out_of_range("beyond"); });
    large.wait();
    unread.wait();
    failed.wait();
    pool.reset();
    EXPECT_TRUE(small.done());
    EXPECT_EQ(std::move(large).get(), std::string(100'000, 'x'));
    EXPECT_EQ(unread.get().size(), 100'000U);
    EXPECT_EQ(failure_of(failed).exception_text, "beyond");
    EXPECT_EQ(unread.then([](const std::string& text) { return text.front(); }).get(), 'y');
    Future<int> moved = pinfold::Future<int>();
    EXPECT_FALSE(moved.valid());
}

/// Of this process. All that pools map is shared: their arenas, tables and boards.
struct Mappings {
    Mappings() {
        std::ifstream maps("/proc/self/maps");
        std::string line;
        while (std::getline(maps, line)) {
            (line.find("s ") == line.find(' ') - 1 ? shared : others) += 1;
        }
        others -= 2 * static_cast<int>(names_in("/proc/self/task").size());
    }

    int shared = 0;
    int others = 0;  // but for the stacks of threads: TBB has up to 256 of these, and keeps them
};

TEST_P(PoolTraps, AThousandPoolsLeaveNothing) {
    const auto use_pool = [&](int number) {
        Pool pool({.crew = GetParam(),
                   .workers = 1 + number % 2,
                   .pin = "none",
                   .arena_bytes = std::size_t{1} << 24});
        auto kept = pool.submit(add, number, 1);
        (void)pool.submit(add, number, 2);  // nobody asks for it
        if (number % 4 == 0) {
            EXPECT_EQ(kept.then([](int value) { return value + 1; }).get(), number + 2);
        }
        if (number % 4 != 1) {
            EXPECT_EQ(kept.get(), number + 1);
        }
    };
    // Else the C library makes up to eight heaps a CPU for threads that meet, and keeps them.
    mallopt(M_ARENA_MAX, 4);
    for (int number = 0; number < 20; ++number) {
        use_pool(number);
    }
    const Leftovers before;
    const Mappings mapped;
    for (int number = 0; number < 1000; ++number) {
        use_pool(number);
    }
    const Leftovers after;
    EXPECT_EQ(after.processes, before.processes);
    EXPECT_EQ(after.descriptors, before.descriptors);
    EXPECT_EQ(after.shared_memory, before.shared_memory);
    const Mappings mapped_after;
    EXPECT_EQ(mapped_after.shared, mapped.shared);
    // Heaps grow, and a few stacks of threads that ended are kept. What a pool in four left would
    // be 250.
    EXPECT_LE(mapped_after.others, mapped.others + 100);
}

TEST_P(PoolTraps, TenThreadsSubmitAtOnce) {
    constexpr int threads = 10;
    constexpr int tasks = 1000;
    Pool pool({.crew = GetParam(), .workers = 2, .pin = "none", .task_slots = 100});
    std::atomic<std::int64_t> sum{0};
    std::latch all_there(threads);
    std::vector<std::jthread> submitters;
    for (int t = 0; t < threads; ++t) {
        submitters.emplace_back([&, t] {
            all_there.arrive_and_wait();
            std::vector<Future<int>> futures;
            for (int i = 0; i < tasks; ++i) {
                futures.push_back(pool.submit(add, t, i));
            }
            for (const auto& future : as_completed(futures)) {
                sum += future.get();
            }
        });
    }
    submitters.clear();
    EXPECT_EQ(sum, threads * (tasks * (tasks - 1) / 2) + tasks * (threads * (threads - 1) / 2));
}

/// What a child of the host gets for each use of what it has inherited.
template <typename Use>
std::string in_a_child(const Use& use) {
    return told_by_host([&](const HostProcess::Tell& tell) {
        tell(refusal<std::logic_error>(use) == "accepted" ? "accepted" : "refused");
    });
}

TEST_P(PoolTraps, AChildOfTheHostCannotUseItsFutures) {
    const Shared<Gate> gate;
    Pool pool = make(1);
    Future<int> running = pool.submit(pass, AtGate{gate.get()}, 5);
    ASSERT_TRUE(gate->wait_for(1));
    Future<int> pending = pool.submit(add, 1, 2);
    EXPECT_EQ(in_a_child([&] { (void)running.get(); }), "refused");
    EXPECT_EQ(in_a_child([&] { (void)running.wait_for(std::chrono::seconds(1)); }), "refused");
    EXPECT_EQ(in_a_child([&] { (void)pending.cancel(); }), "refused");
    EXPECT_EQ(in_a_child([&] { (void)pool.submit(add, 1, 2); }), "refused");
    EXPECT_EQ(in_a_child([&] { (void)pending.then([](int v) { return v; }); }), "refused");
    EXPECT_EQ(in_a_child([&] { pool.shutdown(Shutdown::wait); }), "refused");
    EXPECT_EQ(in_a_child([&] {
                  std::vector<Future<int>> futures;
                  futures.push_back(std::move(pending));
                  wait(futures);
              }),
              "refused");
    // Dropping them does nothing there.
    EXPECT_EQ(in_a_child([&] { pending = {}; }), "accepted");
    gate->open();
    EXPECT_EQ(running.get(), 5);
    EXPECT_EQ(pending.get(), 3);
}

}  // namespace
}  // namespace pinfold::testing
