#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <thread>

namespace pinfold::shm {
namespace {

// Each side stores its word and then loads the other's. Without fences x86-64 lets both miss.
TEST(AsymmetricFence, LetsNoTwoSidesMissEachOther) {
    if (!receive_heavy_fences()) {
        GTEST_SKIP() << "this system has no membarrier(2)";
    }
    constexpr int rounds = 20'000;
    std::atomic<int> light_side{0};
    std::atomic<int> heavy_side{0};
    std::atomic<int> light_saw{0};
    std::barrier all(2);
    std::jthread light([&] {
        for (int round = 1; round <= rounds; ++round) {
            all.arrive_and_wait();
            light_side.store(round, std::memory_order_relaxed);
            light_fence();
            light_saw.store(heavy_side.load(std::memory_order_relaxed), std::memory_order_relaxed);
            all.arrive_and_wait();
        }
    });
    int both_missed = 0;
    int refused = 0;
    for (int round = 1; round <= rounds; ++round) {
        all.arrive_and_wait();
        heavy_side.store(round, std::memory_order_relaxed);
        refused += heavy_fence() ? 0 : 1;
        const int heavy_saw = light_side.load(std::memory_order_relaxed);
        all.arrive_and_wait();
        both_missed += heavy_saw != round && light_saw.load() != round ? 1 : 0;
    }
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(both_missed, 0);
}

}  // namespace
}  // namespace pinfold::shm
