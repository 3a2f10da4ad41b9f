// A command with a journal goes on where a killed one stopped.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pinfold/engine/journal.hpp>
#include <string>
#include <thread>

#include "command.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

using Json = ParsedJson;

/// A folder of its own for each test, removed at the end.
class JournalOnTheCommandLine : public testing::Test {
  protected:
    JournalOnTheCommandLine() {
        std::string name = (std::filesystem::temp_directory_path() / "pinfold-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    ~JournalOnTheCommandLine() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string file() const { return (folder_ / "journal").string(); }

    /// A job of some seconds in a thousand chunks.
    [[nodiscard]] Command::Arguments job() const {
        return {"prime-sum", "0", "2e6",   "--method", "trial",     "--grain", "2000",
                "--workers", "2", "--pin", "none",     "--journal", file(),    "--json"};
    }

    /// True when some chunks are done; false when the test has lost its patience. It reads the file
    /// itself: a second command that ends would adopt and reap the first one's processes.
    [[nodiscard]] bool wait_for_chunks() const {
        for (int i = 0; i < 6000; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            try {
                if (read_journal(file()).chunks_done > 0) {
                    return true;
                }
            } catch (const JournalError&) {
                continue;  // not made yet
            }
        }
        return false;
    }

  private:
    std::filesystem::path folder_;
};

// The sum and the number of primes below two million (project Euler's tenth problem, primesieve).
constexpr const char* sum_below_two_million = "142913828922";
constexpr int primes_below_two_million = 148933;

TEST_F(JournalOnTheCommandLine, LetsAKilledJobGoOn) {
    {
        Command command(job());
        ASSERT_TRUE(wait_for_chunks());
        command.signal(SIGKILL);
        EXPECT_FALSE(command.finish().processes_left);
    }
    const Outcome outcome = run_command(job());
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Json result = Json::parse(outcome.output);
    EXPECT_EQ(result["value"], sum_below_two_million);
    EXPECT_EQ(result["count"], primes_below_two_million);
    EXPECT_GT(result["report"]["restored"], 0);
}

TEST_F(JournalOnTheCommandLine, ThatIsRemovedCostsTheJournalAndNotTheValue) {
    Command command(job());
    ASSERT_TRUE(wait_for_chunks());
    std::filesystem::remove(file());
    const Outcome outcome = command.finish();
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Json result = Json::parse(outcome.output);
    EXPECT_EQ(result["value"], sum_below_two_million);
    EXPECT_NE(result["report"]["journal_lost"].get<std::string>().find("was removed"),
              std::string::npos);
    EXPECT_NE(outcome.error.find("journal " + file() + ": was removed"), std::string::npos)
        << outcome.error;
}

TEST_F(JournalOnTheCommandLine, SaysWhatItHolds) {
    ASSERT_EQ(run_command(job()).status, 0);
    const Json info = Json::parse(run_command({"journal", file(), "--json"}).output);
    EXPECT_EQ(info["kernel"], "prime-sum");
    EXPECT_EQ(info["end"], "2000000");
    EXPECT_EQ(info["grain"], 2000);
    EXPECT_EQ(info["chunks"], 1000);
    EXPECT_EQ(info["chunks_done"], 1000);
    const Outcome text = run_command({"journal", file()});
    EXPECT_NE(text.output.find("1000 of 1000 chunks, 100 %"), std::string::npos) << text.output;
    EXPECT_TRUE(text.output.starts_with("job     prime-sum or prime-count, ")) << text.output;
}

TEST_F(JournalOnTheCommandLine, OfACountHoldsTheSumToo) {
    EXPECT_EQ(run_command({"prime-count", "0", "2e6", "--journal", file()}).output, "148933\n");
    const Json sum =
        Json::parse(run_command({"prime-sum", "0", "2e6", "--journal", file(), "--json"}).output);
    EXPECT_EQ(sum["value"], sum_below_two_million);
    EXPECT_EQ(sum["report"]["attempts"], 0);
    EXPECT_NE(sum["report"]["why"].get<std::string>().find("--journal rules"), std::string::npos);
}

TEST_F(JournalOnTheCommandLine, OfADoneJobAnswersWithoutWork) {
    ASSERT_EQ(run_command(job()).status, 0);
    const Json result = Json::parse(run_command(job()).output);
    EXPECT_EQ(result["value"], sum_below_two_million);
    EXPECT_EQ(result["report"]["restored"], 1000);
    EXPECT_EQ(result["report"]["attempts"], 0);
}

TEST_F(JournalOnTheCommandLine, OfAnotherJobIsRefusedAndKept) {
    ASSERT_EQ(run_command({"prime-sum", "0", "1e6", "--journal", file()}).status, 0);
    const auto size = std::filesystem::file_size(file());
    const Outcome outcome = run_command({"prime-sum", "0", "2e6", "--journal", file()});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.output, "");
    EXPECT_NE(outcome.error.find(file()), std::string::npos) << outcome.error;
    EXPECT_NE(outcome.error.find("another job"), std::string::npos) << outcome.error;
    EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
    EXPECT_EQ(std::filesystem::file_size(file()), size);
}

TEST_F(JournalOnTheCommandLine, KeepsSumsModuloDifferentNumbersApart) {
    const Command::Arguments job{"fib", "0", "1e6", "--sum", "--journal", file(), "--mod"};
    const auto modulo = [&](const char* m) {
        Command::Arguments arguments = job;
        arguments.emplace_back(m);
        return run_command(arguments);
    };
    const Outcome first = modulo("97");
    EXPECT_EQ(first.status, 0) << first.error;
    EXPECT_EQ(modulo("97").output, first.output);
    EXPECT_EQ(modulo("98").status, 1);
}

TEST_F(JournalOnTheCommandLine, ThatIsNoneIsAnError) {
    std::ofstream(file()) << "a shopping list";
    for (const auto& arguments : {Command::Arguments{"journal", file()}, job()}) {
        const Outcome outcome = run_command(arguments);
        EXPECT_EQ(outcome.status, 1);
        EXPECT_NE(outcome.error.find(file()), std::string::npos) << outcome.error;
    }
    EXPECT_EQ(run_command({"journal", file() + ".missing"}).status, 1);
}

TEST_F(JournalOnTheCommandLine, IsRefusedForATable) {
    for (const auto& arguments : {Command::Arguments{"fib", "0", "9", "--journal", file()},
                                  {"fib", "0", "9", "--mod", "7", "--journal", file()},
                                  {"prime-sum", "--each", "1:10:1", "--journal", file()},
                                  {"is-prime", "7", "--journal", file()}}) {
        const Outcome outcome = run_command(arguments);
        EXPECT_EQ(outcome.status, 2);
        EXPECT_NE(outcome.error.find("--journal"), std::string::npos) << outcome.error;
        EXPECT_FALSE(std::filesystem::exists(file()));
    }
}

}  // namespace
}  // namespace pinfold::apps
