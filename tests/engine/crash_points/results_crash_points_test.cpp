// A worker dies at each step between the taking of a result's block and the next chunk's name: the
// value is right all the same, and every block is freed, by a burial or by the host.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/stream.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <tuple>

#include "crash_point.hpp"
#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using detail::Step;

constexpr std::uint64_t chunks = 200;  // some under leases, some claimed one by one

/// Every third has room in its slot.
std::string text_of(const Chunk& chunk) {
    return std::string(chunk.index % 3 == 0 ? 20 : 100 + chunk.index,
                       static_cast<char>('a' + chunk.index % 26));
}

std::string all_texts() {
    std::string all;
    for (std::uint64_t i = 0; i < chunks; ++i) {
        all += text_of(Chunk{{i, i + 1}, i});
    }
    return all;
}

std::string folded(Pool& pool) {
    return map_reduce(pool, Range{0, chunks}, text_of, std::plus<>{},
                      {.grain = 1, .max_attempts = 5})
        .value;
}

std::string streamed(Pool& pool) {
    std::string all;
    stream(pool, Range{0, chunks}, text_of, [&](std::string&& text) { all += text; },
           {.grain = 1, .max_attempts = 5});
    return all;
}

struct StepName {
    Step step;
    const char* name;
};
constexpr StepName steps[] = {
    {Step::block_taken_in_row, "BlockTaken"},
    {Step::written_in_row, "Written"},
    {Step::mapped_in_row, "Mapped"},
    {Step::committed_in_row, "CommittedInRow"},
    {Step::given_over_in_row, "GivenOverInRow"},
    {Step::named_in_row, "Named"},
    {Step::map_returned, "MapReturned"},
    {Step::committed, "Committed"},
    {Step::given_over, "GivenOver"},
    {Step::batch_over, "BatchOver"},
    {Step::counted, "Counted"},
};

/// Step, passing, workers, in a stream.
using Death = std::tuple<StepName, int, int, bool>;

class EveryStepOfAResult : public testing::NothingLeft,
                           public ::testing::WithParamInterface<Death> {
  protected:
    void TearDown() override {
        testing::disarm_crash_point();
        NothingLeft::TearDown();
    }
};

TEST_P(EveryStepOfAResult, LeavesItsBlockToOneOwner) {
    const auto [step, passing, workers, in_a_stream] = GetParam();
    const auto run = in_a_stream ? streamed : folded;
    Pool pool = testing::make_pool(Crew::processes, workers);
    const shm::Heap& heap = *pool.arena()->heap();
    const std::string expected = all_texts();
    testing::arm_crash_point(step.step, passing);
    for (int job = 0; !testing::crash_point_struck() && job < 1000; ++job) {
        ASSERT_EQ(run(pool), expected);
        ASSERT_EQ(heap.used_bytes(), 0U);
    }
    EXPECT_TRUE(testing::crash_point_struck());
    EXPECT_EQ(run(pool), expected) << "the pool stays usable";
    EXPECT_EQ(heap.used_bytes(), 0U);
}

std::string name_of_death(const ::testing::TestParamInfo<Death>& death) {
    const auto [step, passing, workers, in_a_stream] = death.param;
    return step.name + std::to_string(passing) + "Of" + std::to_string(workers) +
           (in_a_stream ? "InAStream" : "");
}

INSTANTIATE_TEST_SUITE_P(CrashPoint, EveryStepOfAResult,
                         ::testing::Combine(::testing::ValuesIn(steps), ::testing::Values(1, 2, 70),
                                            ::testing::Values(1, 2), ::testing::Bool()),
                         name_of_death);

}  // namespace
}  // namespace pinfold
