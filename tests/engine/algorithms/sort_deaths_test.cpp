// Workers die amid each pass of a sort: what is sorted stays right, and nothing is left behind.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <random>
#include <thread>
#include <vector>

#include "leftovers.hpp"
#include "make_pool.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using SortOfProcesses = testing::NothingLeft;

struct Row {
    std::uint32_t key;
    std::uint32_t place;

    friend bool operator==(const Row&, const Row&) = default;
};

std::vector<Row> random_rows(std::size_t size) {
    std::vector<Row> rows(size);
    std::minstd_rand random(11);
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        rows[i] = {static_cast<std::uint32_t>(random() % 1000), i};
    }
    return rows;
}

/// Kills its worker at every `every`th comparison of all.
struct KillingOrder {
    std::atomic<std::uint64_t>* comparisons;
    std::uint64_t every;

    bool operator()(const Row& a, const Row& b) const {
        if (comparisons->fetch_add(1) % every == every - 1) {
            kill(getpid(), SIGKILL);
        }
        return a.key < b.key;
    }
};

// A pass over n elements has about n comparisons, so one of n / 2 falls into each of them.
TEST_F(SortOfProcesses, LosesNothingWhenWorkersDieInEachPass) {
    constexpr std::size_t size = 16'000;
    constexpr std::uint64_t passes = 9;  // of runs of 100 elements
    testing::Shared<std::atomic<std::uint64_t>> comparisons;
    Pool pool = testing::make_pool(Crew::processes, 3);
    const std::vector<Row> rows = random_rows(size);
    std::vector<Row> expected = rows;
    std::stable_sort(expected.begin(), expected.end(),
                     [](const Row& a, const Row& b) { return a.key < b.key; });
    const auto in = pool.array(rows);
    const auto out = pool.array<Row>(size);
    const std::size_t before = pool.arena()->used_bytes();
    for (const std::uint64_t every : {size / 2, size / 5}) {
        *comparisons = 0;
        const JobReport report = sort(pool, in, out, trust(KillingOrder{comparisons.get(), every}),
                                      {.grain = 100, .max_attempts = 100});
        EXPECT_TRUE(std::ranges::equal(out, expected));
        EXPECT_EQ(report.phase_seconds.size(), passes);
        EXPECT_GT(report.deaths, 2 * (passes - 1));
        std::ranges::fill(out, Row{});
    }
    EXPECT_TRUE(std::ranges::equal(in, rows));
    EXPECT_LE(pool.arena()->used_bytes(), before + (1U << 20));  // for boards
}

TEST_F(SortOfProcesses, BringsValuesToTheirKeysWhenWorkersDie) {
    constexpr std::size_t size = 5000;
    testing::Shared<std::atomic<std::uint64_t>> comparisons;
    Pool pool = testing::make_pool(Crew::processes, 2);
    const auto keys = pool.array(random_rows(size));
    const auto values = pool.array<std::uint32_t>(size);
    std::iota(values.begin(), values.end(), 0U);
    const auto keys_out = pool.array<Row>(size);
    const auto values_out = pool.array<std::uint32_t>(size);
    const JobReport report = sort_by_key(pool, keys, values, keys_out, values_out,
                                         trust(KillingOrder{comparisons.get(), size / 2}),
                                         {.grain = 300, .max_attempts = 100});
    EXPECT_GT(report.deaths, 0U);
    EXPECT_TRUE(std::ranges::is_sorted(keys_out, [](const Row& a, const Row& b) {
        return a.key != b.key ? a.key < b.key : a.place < b.place;
    }));
    EXPECT_TRUE(std::ranges::equal(keys_out, values_out, [](const Row& row, std::uint32_t value) {
        return row.place == value;
    }));
}

/// Kills workers at random moments until it ends.
class Killer {
  public:
    Killer()
        : thread_([this](const std::stop_token& stop) {
              std::minstd_rand random(4711);
              while (!stop.stop_requested()) {
                  usleep(static_cast<useconds_t>(random() % 10'000));
                  const std::vector<int> workers = testing::workers_of(getpid());
                  if (!workers.empty()) {
                      const int worker = workers[random() % workers.size()];
                      testing::signal_child(supervisor_, worker, SIGKILL);
                  }
              }
          }) {}

  private:
    const int supervisor_ = testing::supervisor_of(getpid());
    std::jthread thread_;
};

// Which no function of ours runs in: a stranger kills.
TEST_F(SortOfProcesses, SortsByDigitsWhileWorkersAreKilled) {
    constexpr std::size_t size = 300'000;
    Pool pool = testing::make_pool(Crew::processes, 3);
    std::vector<std::int64_t> numbers(size);
    std::mt19937_64 random(13);
    std::generate(numbers.begin(), numbers.end(), [&] { return std::int64_t(random()); });
    const auto in = pool.array(numbers);
    const auto out = pool.array<std::int64_t>(size);
    std::sort(numbers.begin(), numbers.end());
    std::uint64_t deaths = 0;
    {
        const Killer killer;
        while (deaths < 40) {
            deaths += sort(pool, in, out, {.grain = 1000, .max_attempts = 100}).deaths;
            ASSERT_TRUE(std::ranges::equal(out, numbers));
            std::ranges::fill(out, 0);
        }
    }
}

}  // namespace
}  // namespace pinfold
