// map_fold: results are put together in a value of another type, in the calling thread.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/engine/map_fold.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crews.hpp"

namespace pinfold {
namespace {

class MapFold : public ::testing::TestWithParam<Crew> {
  protected:
    Pool pool_ = testing::make_pool(GetParam(), 2);
};

constexpr auto index_of = [](const Chunk& chunk) { return chunk.index; };

TEST_P(MapFold, ChangesTheAccumulatorInItsPlace) {
    const auto all =
        map_fold(pool_, Range{0, 100}, index_of, std::vector<std::uint64_t>{},
                 [](std::vector<std::uint64_t>& into, std::uint64_t next) { into.push_back(next); },
                 {.grain = 1});
    ASSERT_EQ(all.value.size(), 100U);
    EXPECT_EQ(all.value.back(), 99U);
    EXPECT_TRUE(std::is_sorted(all.value.begin(), all.value.end()));
    EXPECT_EQ(all.report.chunks, 100U);
}

TEST_P(MapFold, TakesTheNextAccumulator) {
    const auto text = map_fold(
        pool_, Range{0, 12}, index_of, std::string("<"),
        [](std::string before, const std::uint64_t& next) { return before + std::to_string(next); },
        {.grain = 1});
    EXPECT_EQ(text.value, "<01234567891011");
}

TEST_P(MapFold, TakesWhatTheFoldReturnsByReference) {
    const auto text = map_fold(pool_, Range{0, 12}, index_of, std::string("<"),
                               [](std::string& all, std::uint64_t next) -> std::string& {
                                   return all += std::to_string(next);
                               },
                               {.grain = 1});
    EXPECT_EQ(text.value, "<01234567891011");
}

TEST_P(MapFold, MovesTheAccumulatorOnly) {
    auto sum =
        map_fold(pool_, Range{0, 100}, index_of, std::make_unique<std::uint64_t>(5),
                 [](std::unique_ptr<std::uint64_t>& into, std::uint64_t next) { *into += next; },
                 {.grain = 1});
    EXPECT_EQ(*sum.value, 5 + testing::sum_below(100));
    const auto next = map_fold(
        pool_, Range{0, 100}, index_of, std::move(sum.value),
        [](std::unique_ptr<std::uint64_t> into, std::uint64_t) { return into; }, {.grain = 1});
    EXPECT_EQ(*next.value, 5 + testing::sum_below(100));
}

TEST_P(MapFold, MayWriteToWhatStandsOutside) {
    std::ostringstream out;
    const auto here = std::this_thread::get_id();
    map_fold(pool_, Range{0, 5}, index_of, std::ref(out),
             [&](std::ostream& to, std::uint64_t next) {
                 EXPECT_EQ(std::this_thread::get_id(), here);
                 to << next << ' ';
             },
             {.grain = 1});
    EXPECT_EQ(out.str(), "0 1 2 3 4 ");
}

TEST_P(MapFold, TakesAJobAndAnArray) {
    const auto array = pool_.array(std::vector<int>{5, 6, 7});
    struct Job {
        int factor;
    };
    const auto all = map_fold(
        pool_, array, Job{10},
        [](const Job& job, std::span<const int> part) { return job.factor * part[0]; },
        std::vector<int>{}, [](std::vector<int>& into, int next) { into.push_back(next); },
        {.grain = 1});
    EXPECT_EQ(all.value, (std::vector<int>{50, 60, 70}));
}

TEST_P(MapFold, OfNothingIsTheAccumulator) {
    const auto none = map_fold(pool_, Range{7, 7}, index_of, std::string("untouched"),
                               [](std::string&, std::uint64_t) { FAIL(); });
    EXPECT_EQ(none.value, "untouched");
}

TEST_P(MapFold, PassesOnWhatTheFoldThrows) {
    EXPECT_THROW(map_fold(pool_, Range{0, 5}, index_of, 0,
                          [](int&, std::uint64_t) { throw std::domain_error("no"); }),
                 std::domain_error);
}

/// Of a result nothing is needed but that it crosses.
struct NoDefault {
    explicit NoDefault(int of) : value(of) {}
    int value;
};

TEST_P(MapFold, ResultsNeedNoDefaultConstructor) {
    const auto sum = map_fold(
        pool_, Range{0, 10}, [](const Chunk& c) { return NoDefault(static_cast<int>(c.index)); }, 0,
        [](int& into, const NoDefault& next) { into += next.value; }, {.grain = 1});
    EXPECT_EQ(sum.value, 45);
}

INSTANTIATE_TEST_SUITE_P(Crews, MapFold, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold
