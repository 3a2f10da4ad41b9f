// What the commands print, as a user or a script sees it.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "command.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

using Json = ParsedJson;

Json json_of(Command::Arguments arguments) {
    arguments.emplace_back("--json");
    const std::string text = output_of(arguments);
    EXPECT_EQ(std::ranges::count(text, '\n'), 1);
    return Json::parse(text);
}

TEST(PrimeSumCommand, PrintsTheSumAlone) {
    EXPECT_EQ(output_of({"prime-sum", "0", "10"}), "17\n");
    EXPECT_EQ(output_of({"prime-sum", "3", "7"}), "8\n");
    EXPECT_EQ(output_of({"prime-sum", "7", "7"}), "0\n");
    EXPECT_EQ(output_of({"prime-sum", "0", "1e7"}), "3203324994356\n");
    EXPECT_EQ(output_of({"prime-sum", "0", "1_000", "--method", "trial"}), "76127\n");
    EXPECT_EQ(output_of({"prime-sum", "2^64-2", "2^64", "--method", "trial"}), "0\n");
}

TEST(PrimeSumCommand, PrintsTheSameByEveryMethod) {
    const std::string by_trial = output_of({"prime-sum", "10^11", "+1000", "--method", "trial"});
    for (const char* method : {"auto", "sieve", "hybrid", "combinatorial"}) {
        EXPECT_EQ(output_of({"prime-sum", "10^11", "+1000", "--method", method}), by_trial);
    }
}

TEST(PrimeSumCommand, TakesTheMethodThatIsQuickestAndSaysWhy) {
    const Json far_up = json_of({"prime-sum", "10^18", "+1000"});
    EXPECT_EQ(far_up["method"], "hybrid");
    EXPECT_NE(far_up["report"]["why"].get<std::string>().find("hybrid"), std::string::npos);
    EXPECT_EQ(json_of({"prime-sum", "0", "1000"})["method"], "sieve");
    const Json asked = json_of({"prime-sum", "0", "1000", "--method", "trial"});
    EXPECT_EQ(asked["method"], "trial");
    EXPECT_EQ(asked["report"]["why"].get<std::string>().find("asked for"), 0U);
}

TEST(PrimeSumCommand, SaysWhichOptionRulesTheQuickestMethodOut) {
    const auto why = [](const Command::Arguments& arguments) {
        return json_of(arguments)["report"]["why"].get<std::string>();
    };
    EXPECT_TRUE(why({"prime-sum", "0", "1e8", "--grain", "1e7"})
                    .ends_with("; --grain rules the method combinatorial out"));
    EXPECT_TRUE(why({"prime-count", "0", "1e8", "--on-poison", "skip"})
                    .ends_with("; --on-poison skip rules the method combinatorial out"));
    EXPECT_EQ(why({"prime-sum", "0", "1e8"}).find("rules"), std::string::npos);
    EXPECT_EQ(why({"prime-sum", "0", "1e8", "--grain", "1e7", "--method", "sieve"}).find("rules"),
              std::string::npos);
}

TEST(PrimeSumCommand, LeavesTheCountOutWhereItIsNotKnown) {
    const Json object = json_of({"prime-sum", "0", "1e10", "--verify"});
    EXPECT_EQ(object["method"], "combinatorial");
    EXPECT_EQ(object["value"], "2220822432581729238");
    EXPECT_FALSE(object.contains("count"));
    EXPECT_EQ(object["report"]["verified"].get<std::string>().find("by another tuning"), 0U);
    EXPECT_EQ(output_of({"prime-sum", "0", "100", "--csv", "--method", "combinatorial"}),
              "begin,end,method,value\n0,100,combinatorial,1060\n");
    EXPECT_EQ(json_of({"prime-sum", "0", "1e8", "--grain", "1e7"})["count"], 5761455);
}

TEST(PrimeSumCommand, PrintsTheSameOnEveryCrew) {
    for (const char* crew : {"serial", "threads", "processes"}) {
        EXPECT_EQ(output_of({"prime-sum", "0", "1e6", "--crew", crew, "--grain", "12345"}),
                  "37550402023\n");
    }
    EXPECT_EQ(output_of({"prime-sum", "0", "1e6", "--workers", "64", "--pin", "none"}),
              "37550402023\n");
}

TEST(PrimeSumCommand, PrintsCsv) {
    EXPECT_EQ(output_of({"prime-sum", "0", "100", "--csv"}),
              "begin,end,method,value,count\n0,100,sieve,1060,25\n");
}

TEST(PrimeSumCommand, TellsNoGrainOfAMethodThatHasNone) {
    EXPECT_FALSE(json_of({"prime-sum", "0", "1e6", "--method", "combinatorial"})["report"].contains(
        "grain"));
}

TEST(PrimeSumCommand, PrintsJsonWithItsReport) {
    const Json object =
        json_of({"prime-sum", "0", "1e6", "--workers", "2", "--grain", "100000", "--pin", "none"});
    EXPECT_EQ(object["command"], "prime-sum");
    EXPECT_EQ(object["value"], "37550402023");
    EXPECT_EQ(object["count"], 78498);
    const Json report = object["report"];
    EXPECT_EQ(report["crew"], "processes");
    EXPECT_EQ(report["pin"], "none");
    EXPECT_EQ(report["grain"], 100000);
    EXPECT_TRUE(report.contains("pool_seconds"));
    EXPECT_FALSE(report["isa"].empty());
    EXPECT_EQ(report["deaths"], 0);
    EXPECT_EQ(report["skipped"], Json::array());
    EXPECT_GE(report["chunks"], 10);
    EXPECT_FALSE(report["workers"].empty());
    std::uint64_t chunks = 0;
    for (const Json& worker : report["workers"].elements()) {
        chunks += worker["chunks"].get<std::uint64_t>();
    }
    EXPECT_EQ(chunks, report["chunks"]);
}

TEST(PrimeSumCommand, RunsAsTheEnvironmentSays) {
    const Command::Arguments asked{"prime-sum", "0", "1e6", "--grain", "100000", "--json"};
    Command::Arguments given = asked;
    given.insert(given.end(), {"--crew", "serial", "--workers", "2", "--pin", "cores"});
    const auto report_of = [](const Command::Arguments& arguments) {
        const Outcome outcome =
            run_command(arguments, Stdout::captured,
                        {"PINFOLD_CREW=threads", "PINFOLD_WORKERS=1", "PINFOLD_PIN=none"});
        EXPECT_EQ(outcome.status, 0) << outcome.error;
        return Json::parse(outcome.output)["report"];
    };
    EXPECT_EQ(report_of(asked)["crew"], "threads");
    EXPECT_EQ(report_of(asked)["pin"], "none");
    EXPECT_EQ(report_of(given)["crew"], "serial");
    EXPECT_EQ(report_of(given)["pin"], "cores");
}

TEST(PrimeSumCommand, SumsBelowEachEnd) {
    EXPECT_EQ(output_of({"prime-sum", "--each", "10:31:10"}), "10 17 4\n20 77 8\n30 129 10\n");
    EXPECT_EQ(output_of({"prime-sum", "--each", "10:31:10", "--csv"}),
              "end,value,count\n10,17,4\n20,77,8\n30,129,10\n");
    const Json object = json_of({"prime-sum", "--each", "10:31:10"});
    EXPECT_EQ(object["value"], "223");
    EXPECT_EQ(object["rows"][2], Json::parse(R"({"end":"30","value":"129","count":10})"));
    EXPECT_EQ(output_of({"prime-sum", "--each", "5:5:1"}), "");
    const std::string table = output_of({"prime-sum", "--each", "100000:5000000:100000"});
    EXPECT_EQ(std::ranges::count(table, '\n'), 49);
    EXPECT_NE(table.find("1000000 37550402023 78498\n"), std::string::npos);
}

TEST(PrimeSumCommand, VerifiesItsSum) {
    EXPECT_EQ(output_of({"prime-sum", "0", "1e6", "--verify"}), "37550402023\n");
    EXPECT_EQ(output_of({"prime-sum", "7", "8", "--verify"}), "7\n");
    EXPECT_EQ(json_of({"prime-sum", "7", "8", "--verify"})["report"]["verified"],
              "by the method combinatorial");
    EXPECT_EQ(json_of({"prime-sum", "1e18", "+100", "--verify"})["report"]["verified"],
              "over other chunk borders");
    EXPECT_EQ(json_of({"prime-sum", "1e12", "+2e4", "--method", "sieve",
                       "--verify"})["report"]["verified"],
              "by the method hybrid");
    EXPECT_EQ(output_of({"fib", "0", "8", "--sum", "--mod", "10", "--verify"}), "3\n");
}

TEST(FibCommand, PrintsOneNumber) {
    EXPECT_EQ(output_of({"fib", "0"}), "0\n");
    EXPECT_EQ(output_of({"fib", "1"}), "1\n");
    EXPECT_EQ(output_of({"fib", "100"}), "354224848179261915075\n");
    EXPECT_EQ(output_of({"fib", "100", "--mod", "1000"}), "75\n");
    EXPECT_EQ(output_of({"fib", "100", "--mod", "1"}), "0\n");
    EXPECT_EQ(json_of({"fib", "100"})["value"], "354224848179261915075");
}

TEST(FibCommand, PrintsATable) {
    EXPECT_EQ(output_of({"fib", "0", "8"}), "0 0\n1 1\n2 1\n3 2\n4 3\n5 5\n6 8\n7 13\n");
    EXPECT_EQ(output_of({"fib", "5", "+3", "--mod", "10", "--csv"}), "n,value\n5,5\n6,8\n7,3\n");
    EXPECT_EQ(output_of({"fib", "5", "5"}), "");
    const Json object = json_of({"fib", "98", "101"});
    EXPECT_EQ(object["rows"][2]["n"], "100");
    EXPECT_EQ(object["rows"][2]["value"], "354224848179261915075");
    EXPECT_EQ(object["value"], "708449696358523830150");
}

TEST(FibCommand, PrintsASum) {
    EXPECT_EQ(output_of({"fib", "0", "8", "--sum"}), "33\n");
    EXPECT_EQ(output_of({"fib", "0", "0", "--sum"}), "0\n");
    EXPECT_EQ(output_of({"fib", "98", "101", "--sum"}), "708449696358523830150\n");
    EXPECT_EQ(output_of({"fib", "0", "8", "--sum", "--mod", "10"}), "3\n");
    const std::string doubling = output_of({"fib", "5", "1e6", "--sum", "--mod", "2^64-1"});
    EXPECT_EQ(output_of({"fib", "5", "1e6", "--sum", "--mod", "2^64-1", "--method", "recurrence",
                         "--grain", "777"}),
              doubling);
    // It is F(2^64 + 1) - 1, and F(n) is even for the multiples n of 3 alone; 2^64 + 1 is none.
    EXPECT_EQ(output_of({"fib", "0", "2^64", "--sum", "--mod", "2"}), "0\n");
}

TEST(FibCommand, HasExactTablesThatFitTheirNeighbours) {
    // Every number is the sum of the two before it, across all borders of chunks.
    const Json rows = json_of({"fib", "0", "90", "--grain", "7"})["rows"];
    ASSERT_EQ(rows.size(), 90U);
    const auto value = [&](std::size_t n) {
        return std::stoull(rows[n]["value"].get<std::string>());
    };
    for (std::size_t n = 2; n < rows.size(); ++n) {
        EXPECT_EQ(value(n), value(n - 1) + value(n - 2));
    }
}

TEST(IsPrimeCommand, AnswersInInputOrder) {
    EXPECT_EQ(output_of({"is-prime", "97", "91", "0", "1", "2^61-1", "18446744073709551557"}),
              "97 prime\n91 not prime\n0 not prime\n1 not prime\n2305843009213693951 prime\n"
              "18446744073709551557 prime\n");
    EXPECT_EQ(output_of({"is-prime", "2", "--csv"}), "n,answer\n2,prime\n");
    const Json object = json_of({"is-prime", "2", "3", "4"});
    EXPECT_EQ(object["value"], "2");
    EXPECT_EQ(object["rows"][2], Json::parse(R"({"n":"4","answer":"not prime"})"));
}

TEST(Help, TellsAStrangerWhatRangesAre) {
    for (const Command::Arguments& arguments : {Command::Arguments{"--help"},
                                                {"prime-sum", "--help"},
                                                {"fib", "-h"},
                                                {"is-prime", "-h"}}) {
        const std::string help = output_of(arguments);
        EXPECT_NE(help.find("Examples:"), std::string::npos);
    }
    EXPECT_NE(output_of({"--help"}).find("half-open"), std::string::npos);
    EXPECT_NE(output_of({"prime-sum", "--help"}).find("END itself is not in the range"),
              std::string::npos);
}

TEST(Version, IsOneLine) {
    const std::string version = output_of({"--version"});
    EXPECT_TRUE(version.starts_with("pinfold "));
    EXPECT_EQ(std::ranges::count(version, '\n'), 1);
}

TEST(Deadline, EndsAJobWithAnError) {
    for (const char* crew : {"serial", "threads", "processes"}) {
        for (const Command::Arguments& job :
             {Command::Arguments{"prime-sum", "0", "1e14", "--method", "sieve"},
              {"prime-count", "0", "1e18"}}) {
            Command::Arguments arguments = job;
            arguments.insert(arguments.end(), {"--deadline", "100ms", "--crew", crew});
            const Outcome outcome = run_command(arguments);
            EXPECT_EQ(outcome.status, 1);
            EXPECT_EQ(outcome.output, "");
            EXPECT_EQ(outcome.error, "pinfold: the job did not end within --deadline 100ms\n");
            EXPECT_FALSE(outcome.processes_left);
        }
    }
}

TEST(Deadline, IsNamedAsItWasGiven) {
    const Outcome outcome = run_command({"nth-prime", "4e17", "--deadline", "2_00us"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.error, "pinfold: the job did not end within --deadline 2_00us\n");
}

// Two chunks of one number: the second is a prime near 2^64, seconds of trial division.
Command::Arguments job_with_a_slow_chunk() {
    return {"prime-sum", "2^64-60",          "2^64-58", "--method",       "trial", "--grain",
            "1",         "--chunk-deadline", "200ms",   "--max-attempts", "2"};
}

TEST(ChunkDeadline, FailsAJobThatKeepsMissingIt) {
    const Outcome outcome = run_command(job_with_a_slow_chunk());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.output, "");
    EXPECT_NE(outcome.error.find("deadline"), std::string::npos) << outcome.error;
    EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
    EXPECT_FALSE(outcome.processes_left);
}

TEST(ChunkDeadline, SkipsTheChunkAndSaysSo) {
    Command::Arguments arguments = job_with_a_slow_chunk();
    arguments.insert(arguments.end(), {"--on-poison", "skip", "--json"});
    const Outcome outcome = run_command(arguments);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.error.find("incomplete"), std::string::npos) << outcome.error;
    const Json object = Json::parse(outcome.output);
    EXPECT_EQ(object["value"], "0");
    const Json last = object["report"]["skipped"].back();
    EXPECT_EQ(last["begin"], "18446744073709551557");
    EXPECT_EQ(last["end"], "18446744073709551558");
    EXPECT_EQ(last["deaths"].back()["how"], "killed past the chunk deadline");
    EXPECT_NE(outcome.error.find("killed past the chunk deadline"), std::string::npos);
    EXPECT_GE(object["report"]["deaths"], 2);
    EXPECT_FALSE(outcome.processes_left);
}

}  // namespace
}  // namespace pinfold::apps
