#include "scale/study_progress.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pinfold::apps {
namespace {

TEST(StudyProgressLine, SaysWhichRunIsNextAndHowLongTheRestTakes) {
    EXPECT_EQ(study_progress_line(3, 30, "threads, cores, 2 workers", 61.2, 80),
              "run 3 of 30: threads, cores, 2 workers  1:02 left");
    EXPECT_EQ(study_progress_line(1, 30, "threads, cores, 2 workers", -1, 80),
              "run 1 of 30: threads, cores, 2 workers");
}

TEST(StudyProgressLine, GetsShorterOnANarrowTerminal) {
    EXPECT_EQ(study_progress_line(3, 30, "threads, cores, 2 workers", 61, 30),
              "run 3 of 30  1:01 left");
    EXPECT_EQ(study_progress_line(3, 30, "threads, cores, 2 workers", 61, 15), "run 3 of 30");
    EXPECT_EQ(study_progress_line(3, 30, "threads, cores, 2 workers", 61, 5), "");
}

TEST(SecondsLeft, AreTheMeansOfTheSameConfigurationsOrOfAll) {
    Study study;
    study.configurations.resize(3);
    EXPECT_LT(seconds_left(study, {{0, 0}}), 0) << "nothing is known";
    study.samples = {{.configuration = 0, .command_seconds = 4},
                     {.configuration = 0, .command_seconds = 6},
                     {.configuration = 1, .command_seconds = 2}};
    EXPECT_DOUBLE_EQ(seconds_left(study, {{0, 2}, {1, 1}, {2, 0}}), 5 + 2 + 4);
    EXPECT_DOUBLE_EQ(seconds_left(study, {}), 0);
}

}  // namespace
}  // namespace pinfold::apps
