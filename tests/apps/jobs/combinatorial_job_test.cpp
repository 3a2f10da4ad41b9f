// The combinatorial method on every crew: OEIS A006880 (counts) and A046731 (sums).

#include "jobs/primes/combinatorial_job.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace pinfold::apps {
namespace {

using kernels::PrimeTerm;

class CombinatorialJobOnACrew : public testing::TestWithParam<Crew> {};

TEST_P(CombinatorialJobOnACrew, GivesTheSameForEveryNumberOfWorkers) {
    for (const int workers : {1, 2, 3, 7}) {
        Pool pool({.crew = GetParam(), .workers = workers});
        SCOPED_TRACE(std::to_string(workers) + " workers");
        EXPECT_TRUE(total_primes_up_to(pool, PrimeTerm::one, 10'000'000'000, {}).value ==
                    455052511);
        EXPECT_TRUE(total_primes_up_to(pool, PrimeTerm::prime, 10'000'000'000, {}).value ==
                    2'220'822'432'581'729'238);
    }
}

TEST_P(CombinatorialJobOnACrew, TakesSmallNumbersToo) {
    Pool pool({.crew = GetParam()});
    EXPECT_TRUE(total_primes_up_to(pool, PrimeTerm::one, 0, {}).value == 0);
    EXPECT_TRUE(total_primes_up_to(pool, PrimeTerm::prime, 2, {}).value == 2);
    EXPECT_TRUE(total_primes_up_to(pool, PrimeTerm::prime, 1000, {}).value == 76127);
    EXPECT_TRUE(total_primes_up_to(pool, PrimeTerm::one, 1'000'000, {}).value == 78498);
}

TEST_P(CombinatorialJobOnACrew, GivesTheSameWhateverTheTuning) {
    Pool pool({.crew = GetParam()});
    for (const double y : {1.0, 4.0, 12.0}) {
        EXPECT_TRUE(
            total_primes_up_to(pool, PrimeTerm::one, 1'000'000'000'000, {}, {y, 1.7}).value ==
            37'607'912'018);
    }
}

TEST_P(CombinatorialJobOnACrew, RunsInPhasesOfTheKernel) {
    Pool pool({.crew = GetParam()});
    const auto result = total_primes_up_to(pool, PrimeTerm::prime, 1'000'000'000'000, {});
    EXPECT_TRUE(result.value / 1'000'000'000 == 18'435'588'552'550);
    EXPECT_TRUE(result.value % 1'000'000'000 == 705'911'377);
    EXPECT_EQ(result.report.phase_seconds.size(), kernels::combinatorial_phases + 1);
}

INSTANTIATE_TEST_SUITE_P(, CombinatorialJobOnACrew,
                         testing::Values(Crew::serial, Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST(CombinatorialJob, RefusesATuningThatIsNoNumber) {
    Pool pool({.crew = Crew::serial});
    const double not_a_number = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(
        static_cast<void>(total_primes_up_to(pool, PrimeTerm::one, 100, {}, {not_a_number, 1})),
        std::invalid_argument);
}

}  // namespace
}  // namespace pinfold::apps
