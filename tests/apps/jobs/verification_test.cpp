#include "jobs/verification.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/job_result.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace pinfold::apps {
namespace {

RC_GTEST_PROP(OtherGrain, GivesOtherBordersThatAreAllowed, (std::uint64_t begin)) {
    const auto size = *rc::gen::inRange<std::uint64_t>(2, 1'000'000);
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 1'500'000);
    const Range range{begin, uint128{begin} + size};
    RC_PRE(range.end <= two_to_64);
    const ChunkPlan first(range, grain);
    const ChunkPlan second(range, other_grain(range, grain));
    RC_ASSERT(first[0].end != second[0].end);
}

TEST(OtherGrain, WorksAtTheLimits) {
    const Range everything{0, two_to_64};
    const std::uint64_t smallest = std::uint64_t{1} << 42;
    EXPECT_NO_THROW(ChunkPlan(everything, other_grain(everything, smallest)));
    EXPECT_NO_THROW(ChunkPlan(everything, other_grain(everything, ~std::uint64_t{0})));
    EXPECT_EQ(other_grain({5, 5}, 1), 1U);
    EXPECT_EQ(other_grain({5, 6}, 1), 1U);
}

/// Runs a job whose value in run number i is values[i].
std::string outcome_of(bool verify, const std::vector<int>& values) {
    JobSettings first;
    first.grain = 10;
    first.journal.file = "a journal";
    std::size_t runs = 0;
    try {
        const auto result = run_and_verify(
            first, verify, Range{0, 100},
            [&](const JobSettings& settings) {
                EXPECT_EQ(settings.journal.file.empty(), runs > 0);
                return JobResult<int>{values.at(runs++), {}};
            },
            [](int value) { return std::to_string(value); });
        return std::to_string(result.value) + " in " + std::to_string(runs);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

TEST(Verification, RunsTwiceOnlyWhenAsked) {
    EXPECT_EQ(outcome_of(false, {7, 8}), "7 in 1");
    EXPECT_EQ(outcome_of(true, {7, 7}), "7 in 2");
}

TEST(Verification, TellsBothValuesThatDiffer) {
    EXPECT_EQ(outcome_of(true, {7, 8}),
              "--verify: the value is 7 in the first run and 8 over other chunk borders; one of "
              "them is wrong");
}

}  // namespace
}  // namespace pinfold::apps
