// What is measured on the machine that runs the tests: that it is there and makes sense, not how
// much.
#include <gtest/gtest.h>

#include "environment/bandwidth.hpp"
#include "environment/clock.hpp"
#include "environment/last_level_cache.hpp"
#include "recorded_machines.hpp"

namespace pinfold::apps {
namespace {

TEST(Measures, ClocksAreThoseOfCpus) {
    const auto hz = clock_under_load(2, "none");
#if defined(__x86_64__) || defined(__aarch64__)
    ASSERT_TRUE(hz);
    EXPECT_GT(*hz, 1e7);
    EXPECT_LT(*hz, 2e10);
#else
    EXPECT_FALSE(hz);
#endif
}

TEST(Measures, BandwidthIsOfAllWorkers) {
    if (const auto bandwidth = measure_bandwidth(3, "none")) {
        EXPECT_EQ(bandwidth->workers, 3);
        EXPECT_EQ(bandwidth->pin, "none");
        EXPECT_GT(bandwidth->bytes_per_second, 1e6);
    } else {
        GTEST_SKIP() << "this machine has no memory to spare";
    }
}

TEST(Measures, RefuseWhatAPoolRefuses) {
    EXPECT_THROW((void)measure_bandwidth(0x10000, "none"), std::invalid_argument);
    EXPECT_THROW((void)measure_bandwidth(1, "sideways"), std::invalid_argument);
    EXPECT_THROW((void)clock_under_load(1, "sideways"), std::invalid_argument);
}

TEST(LastLevelCache, IsCountedOnceForAllThatShareIt) {
    const test::FakeRoot root;
    test::lay_out_bare_metal(root);
    EXPECT_EQ(last_level_cache_bytes(MachineFiles(root.path())), 16.0 * 1024 * 1024);
    root.write("sys/devices/system/cpu/cpu3/cache/index3/shared_cpu_list", "3\n");
    EXPECT_EQ(last_level_cache_bytes(MachineFiles(root.path())), 32.0 * 1024 * 1024);
    EXPECT_FALSE(last_level_cache_bytes(MachineFiles(root.path() / "nothing")));
}

TEST(LastLevelCache, SizesAreReadAsTheKernelWritesThem) {
    EXPECT_EQ(cache_bytes("48K"), 48.0 * 1024);
    EXPECT_EQ(cache_bytes("2M"), 2.0 * 1024 * 1024);
    EXPECT_EQ(cache_bytes("512"), 512.0);
    EXPECT_FALSE(cache_bytes("large"));
    EXPECT_FALSE(cache_bytes(std::nullopt));
}

}  // namespace
}  // namespace pinfold::apps
