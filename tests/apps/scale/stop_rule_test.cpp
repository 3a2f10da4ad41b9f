#include "scale/stop_rule.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {
namespace {

/// A study of two configurations with these times each.
Study study_of(const std::vector<double>& seconds) {
    Study study;
    study.options.repetitions = 10;
    study.options.narrow_enough = 0.01;
    study.configurations = {{.series = "a"}, {.series = "b"}};
    for (std::size_t configuration = 0; configuration < 2; ++configuration) {
        for (const double each : seconds) {
            study.samples.push_back(
                {.configuration = configuration, .command_seconds = 9, .job_seconds = each});
        }
    }
    return study;
}

TEST(StopRule, IsMetBySixCloseSamplesAndNotByFive) {
    EXPECT_TRUE(is_narrow(study_of({1, 1, 1.001, 1, 0.999, 1})));
    EXPECT_FALSE(is_narrow(study_of({1, 1, 1, 1, 1})));
    EXPECT_FALSE(is_narrow(study_of({})));
}

TEST(StopRule, IsNotMetWhileOneIntervalIsWide) {
    EXPECT_FALSE(is_narrow(study_of({1, 1, 1, 1, 1, 1.02})));
    Study study = study_of({1, 1, 1, 1, 1, 1});
    study.samples.back().job_seconds = 1.02;
    EXPECT_FALSE(is_narrow(study));
}

TEST(StopRule, TellsTheFartherEndOfAnInterval) {
    EXPECT_NEAR(width_of(study_of({2, 2, 2, 2, 2, 2.2}), 0), 0.1, 1e-12);
    EXPECT_LT(width_of(study_of({2, 2}), 0), 0) << "there is no interval";
}

TEST(StopRule, SaysWhenAStudyEndedEarly) {
    EXPECT_EQ(note_on_early_end(study_of({1, 1, 1, 1, 1, 1})),
              "The study ended after 6 of 10 repetitions: every interval is within 1 % of its "
              "median.");
    EXPECT_EQ(note_on_early_end(study_of(std::vector<double>(10, 1))), "");
}

}  // namespace
}  // namespace pinfold::apps
