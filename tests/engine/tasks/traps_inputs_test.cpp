// Inputs of batches that throw, that never end, and batches that nobody reads to their end.
#include <atomic>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "generated.hpp"
#include "task_traps.hpp"

namespace pinfold::testing {
namespace {

class InputTraps : public TaskTraps {
  protected:
    InputTraps() : used(pool.arena()->used_bytes()) {}

    void TearDown() override {
        expect_usable();
        EXPECT_TRUE(eventually([&] { return pool.arena()->used_bytes() == used; }));
        TaskTraps::TearDown();
    }

    const std::size_t used;
};
PINFOLD_ON_WORKERS(InputTraps);

constexpr auto twice = [](int value) { return 2 * value; };

/// The numbers from 0 on; the one that is `bad` cannot be read.
auto numbers_up_to(int bad) {
    return Generated([bad](int value) {
        if (value == bad) {
            throw std::domain_error("no number " + std::to_string(value));
        }
        return value;
    });
}

/// Python's imap hangs for ever after such an input.
TEST_P(InputTraps, WhatThrowsHalfWayIsThrownBehindAllResultsBefore) {
    std::vector<int> results;
    auto batch = pool.map(twice, numbers_up_to(300), {.grain = 7, .look_ahead = 5});
    EXPECT_THROW(
        for (const int result
             : batch) { results.push_back(result); },
        std::domain_error);
    ASSERT_EQ(results.size(), 300U);
    EXPECT_EQ(results.back(), 598);
}

TEST_P(InputTraps, WhatThrowsAtTheFirstItemIsThrownWhereItsResultWouldBe) {
    auto batch = pool.map(twice, numbers_up_to(0));
    EXPECT_THROW((void)batch.begin(), std::domain_error);
    auto unordered = pool.map_unordered(twice, numbers_up_to(0), {.grain = 3});
    EXPECT_THROW((void)unordered.get(), std::domain_error);
}

TEST_P(InputTraps, WhatThrowsHalfWayIsThrownByGet) {
    auto batch = pool.map(twice, numbers_up_to(50));
    EXPECT_THROW((void)batch.get(), std::domain_error);
    auto unordered = pool.map_unordered(twice, numbers_up_to(50));
    EXPECT_THROW((void)unordered.get(), std::domain_error);
    const auto after =
        pool.map(twice, numbers_up_to(50)).then([](const std::vector<int>&) { return 1; });
    EXPECT_THROW(after.get(), std::domain_error);
}

TEST_P(InputTraps, AnEndlessInputIsReadAsFarAsItIsUsed) {
    std::atomic<int> read{0};
    const Generated endless([&read](int value) {
        ++read;
        return value;
    });
    int next = 0;
    for (const int result : pool.map(twice, endless, {.look_ahead = 8})) {
        ASSERT_EQ(result, 2 * next);
        if (++next == 1000) {
            break;
        }
    }
    EXPECT_GE(read, 1000);
    EXPECT_LE(read, 1000 + 8 + 1);
}

TEST_P(InputTraps, AnEndlessInputIsDroppedWithoutBeingUsed) {
    { auto batch = pool.map(twice, testing::endless()); }
    { auto batch = pool.map_unordered(twice, testing::endless()); }
    (void)pool.map(twice, testing::endless());
}

TEST_P(InputTraps, AnItemThatFailsIsPassedOver) {
    const auto no_seven = [](std::uint64_t value) {
        if (value == 7) {
            throw std::range_error("seven");
        }
        return static_cast<int>(value);
    };
    auto batch = pool.map(no_seven, Range{0, 20});
    auto at = batch.begin();
    int sum = 0;
    int failures = 0;
    for (int item = 0; at != batch.end(); ++item, ++at) {
        try {
            sum += *at;
        } catch (const TaskFailed& failed) {
            EXPECT_EQ(item, 7);
            EXPECT_EQ(failed.details().exception_text, "seven");
            ++failures;
        }
    }
    EXPECT_EQ(failures, 1);
    EXPECT_EQ(sum, 190 - 7);
}

}  // namespace
}  // namespace pinfold::testing
