// The programs of docs/classic_programs.md in the hands of users: with arguments that they refuse,
// with nobody who reads what they print, and with Ctrl-C.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "engine/leftovers.hpp"
#include "program.hpp"

namespace pinfold::apps {
namespace {

using Words = std::vector<std::string>;

std::string path_of(const std::string& example) {
    return PINFOLD_EXAMPLES "/example_" + example;
}

struct Refused {
    std::string example;
    Words arguments;
};

TEST(ClassicPrograms, SayWhatTheyWantWhenTheyGetAnythingElse) {
    const std::string huge = "99999999999999999999999";
    const std::vector<Refused> all{{"counter", {""}},
                                   {"counter", {"0"}},
                                   {"counter", {"many"}},
                                   {"counter", {"-1"}},
                                   {"counter", {huge}},
                                   {"counter", {"2", huge}},
                                   {"counter", {"2", "2", "2"}},
                                   {"prime_sums", {""}},
                                   {"prime_sums", {"-1"}},
                                   {"prime_sums", {huge}},
                                   {"prime_sums", {"10", "10"}},
                                   {"primality", {""}},
                                   {"primality", {"0"}},
                                   {"primality", {huge}},
                                   {"batch_status", {""}},
                                   {"batch_status", {huge}},
                                   {"batch_status", {"1", "-1"}},
                                   {"batch_status", {"1", huge}},
                                   {"parallel_copy", {}},
                                   {"parallel_copy", {"one"}}};
    for (const Refused& each : all) {
        const Program::Outcome outcome = outcome_of(path_of(each.example), each.arguments);
        EXPECT_EQ(outcome.status, 1) << each.example;
        EXPECT_EQ(outcome.error.find("usage: " + each.example + ' '), 0U) << each.example;
        EXPECT_EQ(outcome.output, "") << each.example;
    }
}

TEST(ClassicPrograms, EndWithAllThatTheyStartedWhenNobodyReadsWhatTheyPrint) {
    const std::vector<Refused> all{{"counter", {"4", "1000"}},
                                   {"prime_sums", {"100"}},
                                   {"primality", {"1000"}},
                                   {"fibonacci_tour", {}},
                                   {"hello", {}},
                                   {"time_server", {}},
                                   {"batch_status", {"1", "1000"}},
                                   {"costs", {}},
                                   {"twice", {}},
                                   {"recover", {}}};
    for (const Refused& each : all) {
        const Program::Outcome outcome =
            outcome_of(path_of(each.example), each.arguments, close_output);
        EXPECT_EQ(outcome.status, -SIGPIPE) << each.example << ": " << outcome.error;
        EXPECT_EQ(outcome.error, "") << each.example;
    }
}

TEST(ClassicPrograms, EndByCtrlCWithAllThatTheyStarted) {
    const std::vector<Refused> all{{"counter", {"4", "1000000000"}},
                                   {"batch_status", {"10000", "1000"}}};
    for (const Refused& each : all) {
        Program program(path_of(each.example), each.arguments);
        // The program, and at least two that it started.
        EXPECT_TRUE(testing::eventually([] { return testing::descendants(getpid()).size() >= 3; }));
        program.signal_group(SIGINT);
        const Program::Outcome outcome = program.finish();
        EXPECT_EQ(outcome.status, -SIGINT) << each.example;
        EXPECT_EQ(outcome.error, "") << each.example;
    }
}

}  // namespace
}  // namespace pinfold::apps
