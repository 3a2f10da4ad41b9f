// A worker dies at each step of a keyed job, of its chunks and of its merges: the table has the
// same bytes, and every block is freed, by a burial or by the host.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <tuple>

#include "crash_point.hpp"
#include "job/left_in.hpp"
#include "keyed/keyed_bytes.hpp"
#include "leftovers.hpp"
#include "make_pool.hpp"

namespace pinfold {
namespace {

using detail::Step;
using testing::bytes_of;
using testing::left_in;

JobSettings by_some() {
    return {.grain = 8, .max_attempts = 5};
}
constexpr Range numbers{0, 3200};  // so short that workers take several chunks in a row

/// Sums of doubles, in place.
std::string sums(Pool& pool) {
    const auto result = map_reduce_by_key<std::uint64_t, double>(
        pool, numbers,
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit(k % 7 == 0 ? k : k % 50, 1.0 / static_cast<double>(k + 1));
            }
        },
        std::plus<>{}, by_some());
    return bytes_of(result.value);
}

/// Keys and values that are texts, and cross as messages.
std::string texts(Pool& pool) {
    const auto result = map_reduce_by_key<std::string, std::string>(
        pool, numbers,
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit("key " + std::to_string(k % 7 == 0 ? k : k % 50), std::to_string(k));
            }
        },
        std::plus<>{}, by_some());
    return bytes_of(result.value);
}

std::string groups(Pool& pool) {
    const auto result = group_by<std::uint64_t, std::uint64_t>(
        pool, numbers,
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit(k % 7 == 0 ? k : k % 50, k);
            }
        },
        by_some());
    return bytes_of(result.value);
}

struct Kind {
    std::string (*run)(Pool&);
    const char* name;
};
constexpr Kind kinds[] = {{sums, "Sums"}, {texts, "Texts"}, {groups, "Groups"}};

struct StepName {
    Step step;
    const char* name;
};
constexpr StepName steps[] = {
    {Step::emitted_in_row, "Emitted"},
    {Step::merged_in_row, "Merged"},
    {Step::block_taken_in_row, "BlockTaken"},
    {Step::mapped_in_row, "Mapped"},
    {Step::committed_in_row, "CommittedInRow"},
    {Step::given_over_in_row, "GivenOverInRow"},
    {Step::map_returned, "MapReturned"},
    {Step::committed, "Committed"},
    {Step::given_over, "GivenOver"},
    {Step::batch_over, "BatchOver"},
    {Step::counted, "Counted"},
    {Step::before_leave, "BeforeLeave"},
};

/// Kind of job, step, passing, workers. The chunks pass a step first, and then the merges do.
using Death = std::tuple<Kind, StepName, int, int>;

class EveryStepOfAKeyedJob : public testing::NothingLeft,
                             public ::testing::WithParamInterface<Death> {
  protected:
    void TearDown() override {
        testing::disarm_crash_point();
        NothingLeft::TearDown();
    }
};

TEST_P(EveryStepOfAKeyedJob, CostsNoBitAndLeavesNothing) {
    const auto& [kind, step, passing, workers] = GetParam();
    Pool pool = testing::make_pool(Crew::processes, workers);
    const std::string expected = kind.run(pool);
    testing::arm_crash_point(step.step, passing);
    for (int job = 0; !testing::crash_point_struck() && job < 1000; ++job) {
        ASSERT_EQ(kind.run(pool), expected);
        ASSERT_EQ(left_in(pool), 0U);
    }
    EXPECT_TRUE(testing::crash_point_struck());
    EXPECT_EQ(kind.run(pool), expected) << "the pool stays usable";
    EXPECT_EQ(left_in(pool), 0U);
}

std::string name_of_death(const ::testing::TestParamInfo<Death>& death) {
    const auto& [kind, step, passing, workers] = death.param;
    return std::string(kind.name) + step.name + std::to_string(passing) + "Of" +
           std::to_string(workers);
}

INSTANTIATE_TEST_SUITE_P(CrashPoint, EveryStepOfAKeyedJob,
                         ::testing::Combine(::testing::ValuesIn(kinds), ::testing::ValuesIn(steps),
                                            ::testing::Values(1, 70), ::testing::Values(1, 2)),
                         name_of_death);

}  // namespace
}  // namespace pinfold
