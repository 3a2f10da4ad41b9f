// What becomes of batches when workers die, pools end, and they are dropped half-way.
#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <optional>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "on_each_crew.hpp"
#include "tasks/generated.hpp"

namespace pinfold {

namespace {

using namespace std::chrono_literals;

class BatchFaults : public testing::OnEachCrew {};

using Count = std::atomic<std::uint64_t>;

/// A number in the pool's arena, which workers count in.
struct Counter {
    shm::Array<std::uint64_t> memory;

    explicit Counter(Pool& pool) : memory(pool.array<std::uint64_t>(1)) {}
    [[nodiscard]] static Count& of(const shm::Array<std::uint64_t>& memory) {
        return *reinterpret_cast<Count*>(memory.data());
    }
    [[nodiscard]] std::uint64_t value() const { return of(memory).load(); }
};

TEST_P(BatchFaults, AWorkerThatDiesCostsItsPartOnly) {
    if (pool.crew() != Crew::processes) {
        return;
    }
    const auto deaths = pool.array<std::uint64_t>(1000);
    const auto die_once = [deaths](std::uint64_t k) {
        if (k % 100 == 50 && ++deaths[k] == 1) {
            raise(SIGKILL);
        }
        return std::to_string(k);
    };
    const std::size_t used = pool.arena()->used_bytes();
    for (const std::uint64_t grain : {1U, 8U}) {
        std::ranges::fill(deaths, std::uint64_t{0});
        std::uint64_t next = 0;
        auto batch = pool.map(die_once, Range{0, 1000}, {.grain = grain});
        for (const std::string& text : batch) {
            EXPECT_EQ(text, std::to_string(next++));
        }
        EXPECT_EQ(next, 1000U);
        EXPECT_EQ(batch.progress().retried, 10U);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), used);
}

TEST_P(BatchFaults, ItsProgressTellsWhatRunsAndWhatRunsAgain) {
    if (pool.crew() != Crew::processes) {
        return;
    }
    const Counter starts(pool);
    const Counter goes_on(pool);
    const auto die_then_wait = [starts = starts.memory, goes_on = goes_on.memory](int k) {
        if (Counter::of(starts).fetch_add(1) == 0) {
            raise(SIGKILL);
        }
        while (Counter::of(goes_on).load() == 0) {
            std::this_thread::yield();
        }
        return k;
    };
    auto batch = pool.map(die_then_wait, {7});
    while (starts.value() < 2) {
        std::this_thread::yield();
    }
    const BatchProgress meanwhile = batch.progress();
    EXPECT_EQ(meanwhile.done, 0U);
    EXPECT_EQ(meanwhile.running, 1U);
    EXPECT_EQ(meanwhile.retried, 1U);
    EXPECT_EQ(meanwhile.remaining, 1U);
    ++Counter::of(goes_on.memory);
    EXPECT_EQ(batch.get(), std::vector<int>{7});
    EXPECT_EQ(batch.progress().retried, 1U);
    EXPECT_EQ(batch.progress().running, 0U);
}

TEST_P(BatchFaults, APoisonousItemEndsByTaskFailedAndTheOthersHaveValues) {
    if (pool.crew() != Crew::processes) {
        return;
    }
    const auto die_at_5 = [](std::uint64_t k) {
        if (k == 5) {
            raise(SIGKILL);
        }
        return k;
    };
    auto batch = pool.map(die_at_5, Range{0, 20}, {.task = {.max_attempts = 2, .name = "p"}});
    std::uint64_t sum = 0;
    for (auto i = batch.begin(); i != batch.end(); ++i) {
        try {
            sum += *i;
        } catch (const TaskFailed& failure) {
            EXPECT_EQ(failure.details().name, "p[5]");
            EXPECT_EQ(failure.details().deaths.size(), 2U);
        }
    }
    EXPECT_EQ(sum, 190U - 5);
}

TEST_P(BatchFaults, DroppedHalfWayItCancelsTheRestAndLeavesNothing) {
    const std::size_t used = pool.arena()->used_bytes();
    {
        const Counter calls(pool);
        const auto long_text = [memory = calls.memory](int k) {
            Counter::of(memory).fetch_add(1);
            return std::string(static_cast<std::size_t>(1000 + k % 7), 'x');
        };
        for (int round = 0; round < 20; ++round) {
            std::uint64_t taken = 0;
            for (const std::string& text :
                 pool.map(long_text, testing::endless(), {.look_ahead = 50})) {
                EXPECT_GE(text.size(), 1000U);
                if (++taken == 30) {
                    break;
                }
            }
        }
        EXPECT_LE(calls.value(), 20U * (30 + 50 + 1));
        pool.submit([] {}).get();
    }
    // What ran when its batch was dropped has ended, or ends.
    for (int look = 0; look < 1000 && pool.arena()->used_bytes() != used; ++look) {
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), used);
}

TEST_P(BatchFaults, OutlivesItsPool) {
    std::optional<Batch<int>> batch;
    {
        Pool own = testing::make_pool(GetParam(), 2);
        batch = own.map([](int k) { return k; }, testing::endless(), {.look_ahead = 10});
        EXPECT_EQ(*batch->begin(), 0);
    }
    int values = 1;
    const auto loop = [&] {
        for ([[maybe_unused]] const int value : *batch) {
            EXPECT_EQ(value, values);
            ++values;
        }
    };
    EXPECT_ANY_THROW(loop());
    EXPECT_LE(values, 12);
    batch.reset();
}

TEST_P(BatchFaults, AnotherThreadMayCancelAndLookAtTheProgress) {
    auto batch = pool.map([](int k) { return k; }, testing::endless());
    std::atomic<std::uint64_t> taken{0};
    std::jthread other([&] {
        while (taken.load() < 1000) {
            EXPECT_GE(batch.progress().done, 0U);
            std::this_thread::yield();
        }
        batch.cancel();
    });
    const auto loop = [&] {
        for ([[maybe_unused]] const int value : batch) {
            ++taken;
        }
    };
    EXPECT_THROW(loop(), Cancelled);
    EXPECT_GE(taken.load(), 1000U);
}

TEST_P(BatchFaults, TimeIsOverAndTheResultsStay) {
    if (pool.crew() == Crew::serial) {
        return;  // it runs each item where it is waited for
    }
    const shm::Array<std::uint64_t> gate = pool.array<std::uint64_t>(1);
    auto batch = pool.map(
        [gate](std::uint64_t k) {
            while (k == 3 && Counter::of(gate).load() == 0) {
                std::this_thread::sleep_for(100us);
            }
            return k;
        },
        Range{0, 10});
    EXPECT_THROW(static_cast<void>(batch.get_for(20ms)), Timeout);
    EXPECT_THROW(static_cast<void>(batch.get_for(0s)), Timeout);
    Counter::of(gate).store(1);
    EXPECT_EQ(batch.get().size(), 10U);
}

TEST_P(BatchFaults, MoreAheadThanTheTableHasSlots) {
    Pool small({.crew = GetParam(), .workers = 2, .pin = "none", .task_slots = 3});
    std::vector<std::uint64_t> all(500);
    std::iota(all.begin(), all.end(), std::uint64_t{0});
    EXPECT_EQ(small.map([](std::uint64_t k) { return k; }, all, {.look_ahead = 100}).get(), all);
}

TEST_P(BatchFaults, TenThreadsHaveBatchesOfTheirOwn) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 10; ++t) {
        threads.emplace_back([&, t] {
            const auto all =
                pool.map([](std::uint64_t a, int b) { return static_cast<int>(a) * b; },
                         Range{0, 200}, std::vector<int>(200, t))
                    .get();
            for (int k = 0; k < 200; ++k) {
                EXPECT_EQ(all[static_cast<std::size_t>(k)], k * t);
            }
        });
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, BatchFaults, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& test) { return std::string(to_string(test.param)); });

}  // namespace

}  // namespace pinfold
