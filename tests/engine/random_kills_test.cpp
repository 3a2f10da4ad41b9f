// 500 workers die by SIGKILL at random moments while jobs run: every value stays right to the bit.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <pinfold/engine/chunk_seed.hpp>
#include <random>
#include <thread>

#include "at_work.hpp"
#include "crews.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

class RandomKills : public testing::NothingLeft {};

struct NoisyJob {
    std::uint64_t seed;
    testing::AtWork* at_work;
};

/// A sum of doubles whose bits depend on each chunk and their order.
constexpr auto noisy_map = [](const NoisyJob& job, const Chunk& chunk) {
    job.at_work->note();
    double sum = static_cast<double>(chunk_seed(job.seed, chunk.index) >> 11) * 0x1p-53;
    for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
        sum += std::sin(static_cast<double>(i)) / static_cast<double>(i);
    }
    return sum;
};

double noisy_sum(Pool& pool, const NoisyJob& job) {
    JobOptions<double> options;
    options.grain = 64;
    options.max_attempts = 100;  // chance may hit the same chunk again and again
    return map_reduce(pool, Range{1, 200'001}, job, noisy_map, std::plus<>{}, options).value;
}

/// Kills workers that have run a chunk, until `wanted` are gone or it is told to stop.
class Killer {
  public:
    Killer(testing::AtWork& at_work, int wanted)
        : at_work_(at_work), wanted_(wanted), thread_([this](const std::stop_token& stop) {
              while (kills_ < wanted_ && !stop.stop_requested()) {
                  usleep(static_cast<useconds_t>(random_() % 2000));
                  kill_one();
              }
          }) {}

    [[nodiscard]] bool done() const { return kills_ >= wanted_; }

  private:
    void kill_one() {
        const bool killed = at_work_.offer(
            random_, [&](int pid) { return testing::signal_child(supervisor_, pid, SIGKILL); });
        kills_ += killed ? 1 : 0;
    }

    testing::AtWork& at_work_;
    const int supervisor_ = testing::supervisor_of(getpid());
    const int wanted_;
    std::atomic<int> kills_{0};
    std::minstd_rand random_{4711};
    std::jthread thread_;
};

TEST_F(RandomKills, Of500WorkersChangeNoBit) {
    Pool pool = testing::make_pool(Crew::processes, 4);
    auto at_work = pool.array<testing::AtWork>(1);
    Pool serial = testing::make_pool(Crew::serial, 1);
    const double expected = noisy_sum(serial, {42, at_work.data()});
    at_work[0] = {};  // the serial crew is this process
    const Killer killer(at_work[0], 500);
    int jobs = 0;
    for (; !killer.done(); ++jobs) {
        const double value = noisy_sum(pool, {42, at_work.data()});
        ASSERT_EQ(std::memcmp(&value, &expected, sizeof value), 0) << "job " << jobs;
    }
    EXPECT_GT(jobs, 0);
}

}  // namespace
}  // namespace pinfold
