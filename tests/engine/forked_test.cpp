// What map_reduce_forked() refuses, it refuses before any worker starts.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <string>
#include <thread>
#include <vector>

#include "leftovers.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

namespace fs = std::filesystem;
using Options = JobOptions<std::uint64_t>;

/// A forked job that tells how many workers it started.
class ForkedJob {
  public:
    ForkedJob() {
        options.grain = 10;
        pool.initializer = [started = started_.get()] { ++*started; };
    }

    /// What the job came to, in the words of its error.
    std::string outcome() const {
        try {
            map_reduce_forked(
                pool, range, [](const Chunk& chunk) { return chunk.begin; }, std::plus<>{},
                options);
            return "accepted";
        } catch (const std::exception& e) {
            return e.what();
        }
    }
    [[nodiscard]] int started() const { return *started_; }

    PoolOptions pool{.workers = 2, .pin = "none", .arena_bytes = std::size_t{1} << 26};
    Range range{0, 1000};
    Options options;

  private:
    testing::Shared<std::atomic<int>> started_;
};

class ForkedJobs : public testing::NothingLeft {
  protected:
    ForkedJobs() : folder_(fs::temp_directory_path() / ("forked_" + std::to_string(getpid()))) {
        fs::create_directory(folder_);
    }
    ~ForkedJobs() override { fs::remove_all(folder_); }

    void expect_refusal(const std::string& text, const std::function<void(ForkedJob&)>& spoil) {
        ForkedJob job;
        spoil(job);
        const std::string outcome = job.outcome();
        EXPECT_NE(outcome.find(text), std::string::npos) << outcome;
        EXPECT_EQ(job.started(), 0) << "workers had started before: " << outcome;
    }

    const fs::path folder_;
};

TEST_F(ForkedJobs, CountTheirWorkers) {
    const ForkedJob job;
    EXPECT_EQ(job.outcome(), "accepted");
    EXPECT_EQ(job.started(), 2);
}

TEST_F(ForkedJobs, RefuseBadSettingsBeforeAWorkerStarts) {
    using std::chrono::nanoseconds;
    expect_refusal("max_attempts 0", [](ForkedJob& j) { j.options.max_attempts = 0; });
    expect_refusal("max_attempts 101", [](ForkedJob& j) { j.options.max_attempts = 101; });
    expect_refusal("deadline is", [](ForkedJob& j) { j.options.deadline = nanoseconds(-1); });
    expect_refusal("chunk_deadline is",
                   [](ForkedJob& j) { j.options.chunk_deadline = nanoseconds(-1); });
    expect_refusal("chunk_set_up", [](ForkedJob& j) { j.options.chunk_set_up = nanoseconds(-1); });
    expect_refusal("sync_interval", [](ForkedJob& j) {
        j.options.journal.sync_interval = std::chrono::milliseconds(-1);
    });
    expect_refusal("on_poison",
                   [](ForkedJob& j) { j.options.on_poison = static_cast<OnPoison>(9); });
    expect_refusal("below the begin", [](ForkedJob& j) { j.range = {2, 1}; });
    expect_refusal("above 2^64", [](ForkedJob& j) { j.range = {0, two_to_64 + 1}; });
    expect_refusal("smallest grain", [](ForkedJob& j) { j.range = {0, two_to_64}; });
}

TEST_F(ForkedJobs, RefuseBadPoolsBeforeAWorkerStarts) {
    expect_refusal("workers -1", [](ForkedJob& j) { j.pool.workers = -1; });
    expect_refusal("sideways", [](ForkedJob& j) { j.pool.pin = "sideways"; });
    expect_refusal("initializer", [](ForkedJob& j) { j.pool.crew = Crew::threads; });
    expect_refusal("crew", [](ForkedJob& j) { j.pool.crew = static_cast<Crew>(5); });
    expect_refusal("chunk_deadline needs the crew 'processes'", [](ForkedJob& j) {
        j.pool = {.crew = Crew::threads, .workers = 1};
        j.options.chunk_deadline = std::chrono::seconds(1);
    });
    expect_refusal("kill needs the crew 'processes'", [](ForkedJob& j) {
        j.pool = {.crew = Crew::threads, .workers = 1};
        j.options.kill = true;
    });
}

TEST_F(ForkedJobs, RefuseBadJournalsBeforeAWorkerStarts) {
    const auto with_journal = [](const fs::path& file) {
        return [file](ForkedJob& j) { j.options.journal = {.file = file, .kernel = "sum"}; };
    };
    expect_refusal("1 to 207 bytes", [&](ForkedJob& j) { j.options.journal.file = folder_ / "a"; });
    EXPECT_FALSE(fs::exists(folder_ / "a"));
    expect_refusal("cannot be opened", with_journal(folder_ / "none" / "journal"));
    std::ofstream(folder_ / "other")
        << "no journal, but longer than the header of one: " << std::string(1000, 'x');
    expect_refusal("no pinfold journal", with_journal(folder_ / "other"));

    ForkedJob first;
    with_journal(folder_ / "good")(first);
    EXPECT_EQ(first.outcome(), "accepted");
    expect_refusal("its grain is 10, not 5", [&](ForkedJob& j) {
        with_journal(folder_ / "good")(j);
        j.options.grain = 5;
    });
    ForkedJob again;
    with_journal(folder_ / "good")(again);
    EXPECT_EQ(again.outcome(), "accepted");
}

TEST_F(ForkedJobs, LeaveNoJournalWhenTheirPoolIsRefused) {
    expect_refusal("sideways", [this](ForkedJob& j) {
        j.options.journal = {.file = folder_ / "journal", .kernel = "sum"};
        j.pool.pin = "sideways";
    });
    EXPECT_FALSE(fs::exists(folder_ / "journal"));
}

TEST_F(ForkedJobs, RefuseResultsThatNoMemoryHoldsBeforeAWorkerStarts) {
    const testing::Shared<std::atomic<int>> started;
    struct Large {
        std::array<char, std::size_t{1} << 20> bytes;
    };
    const auto outcome = [&](std::size_t arena_bytes) -> std::string {
        try {
            static JobOptions<Large> options;
            options.grain = 1;
            map_reduce_forked(
                {.workers = 1,
                 .pin = "none",
                 .arena_bytes = arena_bytes,
                 .initializer = [count = started.get()] { ++*count; }},
                Range{0, max_chunks}, [](const Chunk&) { return Large{}; },
                [](Large&& sum, const Large&) -> Large&& { return std::move(sum); }, options);
            return "accepted";
        } catch (const std::system_error& e) {
            return e.code().value() == ENOMEM ? e.what() : "another error";
        }
    };
    EXPECT_NE(outcome(std::size_t{1} << 30)
                  .find("results take 4398046511104 bytes: arena_bytes leaves 1073741824"),
              std::string::npos);
    EXPECT_NE(outcome(0).find("results take 4398046511104 bytes: "), std::string::npos);
    EXPECT_EQ(*started, 0);
}

/// Starts threads that fill their stacks.
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

// The system's library takes the caller's stack for free in a worker, since no thread runs there.
TEST_F(ForkedJobs, KeepTheVariablesOfTheThreadThatCallsForThem) {
    std::uint64_t sum = 0;
    std::thread([&] {
        std::array<std::uint64_t, 1000> numbers{};
        std::iota(numbers.begin(), numbers.end(), 1U);
        const auto map = [&](const Chunk& chunk) {
            use_stacks();
            return std::accumulate(numbers.begin() + chunk.begin, numbers.begin() + chunk.end,
                                   std::uint64_t{0});
        };
        sum = map_reduce_forked({.workers = 1, .pin = "none"}, Range{0, 1000}, map, std::plus<>{},
                                {.grain = 500})
                  .value;
    }).join();
    EXPECT_EQ(sum, 500'500U);
}

}  // namespace
}  // namespace pinfold
