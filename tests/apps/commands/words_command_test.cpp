// pinfold words over files and streams, as a user runs it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "address_space.hpp"
#include "command.hpp"
#include "input_text.hpp"
#include "on_a_terminal.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

using Json = ParsedJson;

/// Words of which few are frequent and many are rare, with all kinds of blanks between them.
std::string random_text(std::size_t words) {
    std::mt19937_64 random(17);
    const std::string blanks = " \t\n\v\f\r";
    std::string text;
    for (std::size_t i = 0; i < words; ++i) {
        const std::uint64_t number = random() % 1000 * (random() % 7 == 0 ? 91 : 1);
        text += "w" + std::to_string(number % (1 + random() % 1000));
        text += std::string(1 + random() % 2, blanks[random() % blanks.size()]);
    }
    return text;
}

/// What a command of the shell prints.
std::string shell_output(const std::string& command) {
    FILE* const pipe = popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4096> part{};
    while (const std::size_t got = fread(part.data(), 1, part.size(), pipe)) {
        output.append(part.data(), got);
    }
    EXPECT_EQ(pclose(pipe), 0) << command;
    return output;
}

std::string counted_by_the_shell(const std::string& paths) {
    return shell_output("cat " + paths +
                        " | tr -s ' \\t\\n\\v\\f\\r' '\\n' | grep -a . | LC_ALL=C sort | uniq -c |"
                        " LC_ALL=C sort -k1,1nr -k2");
}

TEST(WordsCommand, PrintsTheLinesOfUniqByDescendingCounts) {
    const TextFile file("to be\r\nor\tnot to be");
    EXPECT_EQ(output_of({"words", file.path()}),
              "      2 be\n      2 to\n      1 not\n      1 or\n");
}

TEST(WordsCommand, PrintsWhatTheShellPrints) {
    const TextFile one(random_text(30'000), "one");
    const TextFile other("w1 w2 end\xff end", "other");
    EXPECT_EQ(output_of({"words", one.path(), other.path()}),
              counted_by_the_shell(one.path() + " " + other.path()));
}

TEST(WordsCommand, PrintsTheSameOnEveryCrewAndGrain) {
    const TextFile file(random_text(20'000));
    const std::string expected = output_of({"words", file.path()});
    for (const char* crew : {"serial", "threads"}) {
        EXPECT_EQ(output_of({"words", file.path(), "--crew", crew}), expected);
    }
    for (const char* grain : {"1000", "54321", "10^9"}) {
        EXPECT_EQ(
            output_of({"words", file.path(), "--grain", grain, "--workers", "7", "--pin", "none"}),
            expected);
    }
}

TEST(WordsCommand, PrintsTheMostFrequent) {
    const TextFile file("c b b a a a d");
    EXPECT_EQ(output_of({"words", file.path(), "--top", "1"}), "      3 a\n");
    EXPECT_EQ(output_of({"words", "--top", "3", file.path()}), "      3 a\n      2 b\n      1 c\n");
    EXPECT_EQ(output_of({"words", file.path(), "--top", "2^64-1"}),
              output_of({"words", file.path()}));
}

TEST(WordsCommand, PrintsJsonAndCsv) {
    const TextFile file("a,b say \"no\" a,b");
    EXPECT_EQ(output_of({"words", file.path(), "--csv"}),
              "count,word\n2,\"a,b\"\n1,\"\"\"no\"\"\"\n1,say\n");
    const Json object = Json::parse(output_of({"words", file.path(), "--json", "--top", "2"}));
    EXPECT_EQ(object["command"], "words");
    EXPECT_EQ(object["distinct"], 3);
    EXPECT_EQ(object["value"], "4");
    ASSERT_EQ(object["rows"].size(), 2U);
    EXPECT_EQ(object["rows"][0], Json::parse(R"({"count":2,"word":"a,b"})"));
    EXPECT_EQ(object["rows"][1], Json::parse(R"({"count":1,"word":"\"no\""})"));
    EXPECT_FALSE(object["report"].contains("grain"));
    const Json asked = Json::parse(output_of({"words", file.path(), "--json", "--grain", "5"}));
    EXPECT_EQ(asked["report"]["grain"], 5);
}

TEST(WordsCommand, PrintsEachByteOfAWord) {
    const std::string odd("\x1b[31m \xff\xfe \0 Fu\xc3\x9f", 15);
    const TextFile file(odd);
    EXPECT_EQ(output_of({"words", file.path()}),
              std::string("      1 \0\n", 10) +
                  "      1 \x1b[31m\n      1 Fu\xc3\x9f\n      1 \xff\xfe\n");
    const Json rows = Json::parse(output_of({"words", file.path(), "--json"}))["rows"];
    EXPECT_EQ(rows[0]["word"], Json::parse(R"("\u0000")"));
    EXPECT_EQ(rows[1]["word"], Json::parse(R"("\u001b[31m")"));
    EXPECT_EQ(rows[3]["word"], Json::parse(R"("\ufffd\ufffd")"));
}

TEST(WordsCommand, SendsNoControlCharactersToATerminal) {
    const TextFile file("\x1b[31mred");
    OnATerminal command({"words", file.path(), "--no-progress"}, 80);
    SKIP_WITHOUT(command);
    int status = -1;
    EXPECT_EQ(command.finish(status), "      1 \\x1b[31mred\r\n");
    EXPECT_EQ(status, 0);
}

TEST(WordsCommand, CountsALongWordAsOne) {
    const std::string word(3'000'000, 'x');
    const TextFile file("a " + word + " b " + word);
    EXPECT_EQ(output_of({"words", file.path(), "--grain", "100000"}),
              "      2 " + word + "\n      1 a\n      1 b\n");
}

TEST(WordsCommand, ReadsStandardInputWhereNoFileIsNamed) {
    const StandardInput input(pipe_with("a b a"));
    EXPECT_EQ(output_of({"words"}), "      2 a\n      1 b\n");
}

TEST(WordsCommand, ReadsStandardInputBesideFiles) {
    const TextFile file("a\n");
    const StandardInput input(pipe_with("a b"));
    EXPECT_EQ(output_of({"words", file.path(), "-", file.path()}), "      3 a\n      1 b\n");
}

TEST(WordsCommand, ReadsAFileThatIsStandardInput) {
    const TextFile file("a b a");
    const int whole = open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    {
        const StandardInput input(whole);
        EXPECT_EQ(output_of({"words"}), "      2 a\n      1 b\n");
    }
    const int rest = open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(lseek(rest, 2, SEEK_SET), 2);
    const StandardInput input(rest);
    EXPECT_EQ(output_of({"words"}), "      1 a\n      1 b\n");
}

TEST(WordsCommand, ReadsFilesThatHaveNoSize) {
    const std::string output = output_of({"words", "/proc/self/status", "--top", "1000"});
    EXPECT_NE(output.find("      1 Name:\n"), std::string::npos) << output;
}

TEST(WordsCommand, WithoutWordsPrintsNothing) {
    for (const char* content : {"", "\n", " \t\n\v\f\r"}) {
        const TextFile file(content);
        EXPECT_EQ(output_of({"words", file.path()}), "");
        EXPECT_EQ(output_of({"words", file.path(), "--csv"}), "count,word\n");
        const Json object = Json::parse(output_of({"words", file.path(), "--json"}));
        EXPECT_EQ(object["value"], "0");
        EXPECT_EQ(object["distinct"], 0);
        EXPECT_EQ(object["rows"], Json::array());
    }
    EXPECT_EQ(output_of({"words", "/dev/null"}), "");
}

TEST(WordsCommand, NamesWhatItCannotRead) {
    const TextFile file("a");
    expect_error(run_command({"words", file.path(), "/nowhere/at/all"}), 2,
                 "cannot open '/nowhere/at/all': No such file or directory");
    expect_error(run_command({"words", "/proc"}), 2, "'/proc' is a directory");
    const StandardInput input(open("/dev/null", O_WRONLY | O_CLOEXEC));
    expect_error(run_command({"words"}), 1, "cannot read standard input: Bad file descriptor");
}

TEST(WordsCommand, RefusesOptionsThatItCannotObey) {
    const TextFile file("a");
    const auto expect_refused = [&](Command::Arguments arguments, const std::string& message) {
        arguments.insert(arguments.begin(), {"words", file.path()});
        expect_error(run_command(arguments), 2, message);
    };
    expect_refused({"--top", "0"}, "--top '0' is below the limit of 1");
    expect_refused({"--top", "ten"}, "--top 'ten' is not a number");
    expect_refused({"--journal", "file"}, "--journal 'file': only sums and counts over a range");
    expect_refused({"--verify"}, "--verify: only sums and counts over a range");
    expect_refused({"--grain", "0"}, "--grain '0' is below the limit of 1");
    expect_refused({"--csv", "--json"}, "--json excludes --csv");
}

TEST(WordsCommand, TellsThatItsOutputIsLost) {
    const TextFile file(random_text(100'000));
    expect_error(run_command({"words", file.path()}, Stdout::closed_pipe), 1,
                 "cannot write the result: Broken pipe");
    expect_error(run_command({"words", file.path()}, Stdout::closed), 1,
                 "standard output is closed");
    if (access("/dev/full", W_OK) == 0) {
        expect_error(run_command({"words", file.path()}, Stdout::full_disk), 1,
                     "cannot write the result: No space left on device");
    }
}

/// Commands that start while it lives have no more addresses than that.
class AddressLimit {
  public:
    explicit AddressLimit(rlim_t bytes) {
        getrlimit(RLIMIT_AS, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
    }
    ~AddressLimit() { setrlimit(RLIMIT_AS, &before_); }
    AddressLimit(const AddressLimit&) = delete;
    AddressLimit& operator=(const AddressLimit&) = delete;

  private:
    rlimit before_{};
};

TEST(WordsCommand, TellsHowManyWordsHadNoRoom) {
    if (!can_limit_address_space) {
        GTEST_SKIP() << "a sanitizer needs the addresses that this test takes away";
    }
    std::string text;
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        text += "word" + std::to_string(i * 7919) + "-" + std::to_string(i) + "\n";
    }
    const TextFile file(text);
    const AddressLimit limit(rlim_t{300} << 20);
    expect_error(run_command({"words", file.path()}), 1,
                 "there is no memory for so many different words: ");
}

/// A job of many seconds: the same file, again and again.
Command::Arguments long_count(const TextFile& file) {
    Command::Arguments arguments{"words", "--workers", "1", "--progress"};
    arguments.resize(arguments.size() + 5000, file.path());
    return arguments;
}

TEST(WordsCommand, EndsByCtrlCAndLeavesNothing) {
    const TextFile file(random_text(300'000));
    for (const char* crew : {"serial", "threads", "processes"}) {
        Command::Arguments arguments = long_count(file);
        arguments.insert(arguments.end(), {"--crew", crew});
        Command command(arguments);
        ASSERT_TRUE(command.wait_for_error_text());
        command.signal_group(SIGINT);
        const Outcome outcome = command.finish();
        EXPECT_EQ(outcome.status, 130);
        EXPECT_EQ(outcome.output, "");
        EXPECT_FALSE(outcome.processes_left);
    }
}

TEST(WordsCommand, EndsByCtrlCWhileItWaitsForInput) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const StandardInput input(ends[0]);
    Command command({"words"});
    ASSERT_TRUE(command.wait_until_it_blocks(SIGINT));
    command.signal_group(SIGINT);
    EXPECT_EQ(command.finish().status, 130);
    close(ends[1]);
}

TEST(WordsCommand, EndsAtItsDeadline) {
    const TextFile file(random_text(300'000));
    Command::Arguments arguments = long_count(file);
    arguments.insert(arguments.end(), {"--no-progress", "--deadline", "50ms"});
    expect_error(run_command(arguments), 1, "the job did not end within --deadline 50ms");
}

}  // namespace
}  // namespace pinfold::apps
