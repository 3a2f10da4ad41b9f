// pinfold is-prime over files, streams and random numbers, as a user runs it.

#include <fcntl.h>
#include <flint/ulong_extras.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "input_text.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

using Json = ParsedJson;

/// The rows that the command must print for these numbers.
std::string rows_by_flint(const std::vector<std::uint64_t>& numbers) {
    std::string rows;
    for (const std::uint64_t n : numbers) {
        rows += std::to_string(n) + (n_is_prime(n) != 0 ? " prime\n" : " not prime\n");
    }
    return rows;
}

TEST(IsPrimeOfAFile, AnswersInInputOrder) {
    const TextFile file("97\r\n\n 91\n2^61-1\n\n18446744073709551615\n0");
    EXPECT_EQ(output_of({"is-prime", "--file", file.path()}),
              "97 prime\n91 not prime\n2305843009213693951 prime\n"
              "18446744073709551615 not prime\n0 not prime\n");
    EXPECT_EQ(output_of({"is-prime", "--file", file.path(), "--csv"}),
              "n,answer\n97,prime\n91,not prime\n2305843009213693951,prime\n"
              "18446744073709551615,not prime\n0,not prime\n");
    const Json object = Json::parse(output_of({"is-prime", "--file", file.path(), "--json"}));
    EXPECT_EQ(object["value"], "2");
    EXPECT_EQ(object["numbers"], 5);
    ASSERT_EQ(object["rows"].size(), 5U);
    EXPECT_EQ(object["rows"][1], Json::parse(R"({"n":"91","answer":"not prime"})"));
}

TEST(IsPrimeOfAFile, CountsItsPrimes) {
    const TextFile file("97\n91\n2\n");
    EXPECT_EQ(output_of({"is-prime", "--file", file.path(), "--count"}), "2\n");
    EXPECT_EQ(output_of({"is-prime", "--file", file.path(), "--count", "--csv"}),
              "numbers,value\n3,2\n");
    EXPECT_EQ(output_of({"is-prime", "97", "91", "--count"}), "1\n");
}

TEST(IsPrimeOfAFile, AnswersTheSameForEveryCrewAndGrain) {
    std::vector<std::uint64_t> numbers;
    std::string text;
    for (std::uint64_t n = 1; n <= 3000; ++n) {
        numbers.push_back(n * 1'000'000'007 * n);
        text += std::to_string(numbers.back()) + (n % 10 == 0 ? "\n\n" : "\n");
    }
    const TextFile file(text);
    const std::string rows = rows_by_flint(numbers);
    EXPECT_EQ(output_of({"is-prime", "--file", file.path()}), rows);
    for (const char* crew : {"serial", "threads"}) {
        EXPECT_EQ(output_of({"is-prime", "--file", file.path(), "--crew", crew}), rows);
    }
    for (const char* grain : {"1", "1000", "10^9"}) {
        EXPECT_EQ(output_of({"is-prime", "--file", file.path(), "--grain", grain, "--workers", "7",
                             "--pin", "none"}),
                  rows);
    }
}

TEST(IsPrimeOfAFile, WithoutNumbersPrintsNothing) {
    for (const char* content : {"", "\n", "\n\r\n \n"}) {
        const TextFile file(content);
        EXPECT_EQ(output_of({"is-prime", "--file", file.path()}), "");
        EXPECT_EQ(output_of({"is-prime", "--file", file.path(), "--count"}), "0\n");
    }
    EXPECT_EQ(output_of({"is-prime", "--file", "/dev/null", "--count"}), "0\n");
}

TEST(IsPrimeOfAFile, MayBeStandardInput) {
    const StandardInput input(pipe_with("97\n91\n"));
    EXPECT_EQ(output_of({"is-prime", "--file", "-"}), "97 prime\n91 not prime\n");
}

TEST(IsPrimeOfAFile, NamesABadLineOfStandardInput) {
    const StandardInput input(pipe_with("97\nninety-one\n"));
    expect_error(run_command({"is-prime", "--file", "-"}), 2, "line 2 of standard input: 'ninety-");
}

// Line 3 has the first of two flaws; the second may well be found earlier.
void expect_line_3_refused(const std::string& line, const std::string& complaint) {
    const TextFile file("97\n\n" + line + "\n7\n7 7\n");
    const std::string message = "line 3 of '" + file.path() + "'" + complaint;
    for (const auto& [workers, grain] :
         {std::pair("1", "100000"), std::pair("2", "7"), std::pair("7", "1")}) {
        const Outcome outcome = run_command({"is-prime", "--file", file.path(), "--workers",
                                             workers, "--pin", "none", "--grain", grain});
        expect_error(outcome, 2, message);
        EXPECT_EQ(outcome.output, "");
    }
}

TEST(IsPrimeOfAFile, NamesTheFirstLineThatIsNoNumber) {
    expect_line_3_refused("x", ": 'x' is not a number");
    expect_line_3_refused("18446744073709551616",
                          ": '18446744073709551616' is above the limit of 2^64 - 1");
    expect_line_3_refused("11 13", " has a second word, '13', behind '11'");
    expect_line_3_refused("-7", ": '-7' is negative");
    expect_line_3_refused(std::string(1, '\0'), ": '\\x00' is not a number");
}

TEST(IsPrimeOfAFile, NamesALineThatIsHuge) {
    const TextFile file("7\n" + std::string(3'000'000, '7'));
    expect_error(run_command({"is-prime", "--file", file.path(), "--count"}), 2,
                 "line 2 of '" + file.path() + "': '7777777");
}

TEST(IsPrimeOfAFile, ThatCannotBeReadIsRefused) {
    expect_error(run_command({"is-prime", "--file", "/nowhere/at/all"}), 2,
                 "cannot open '/nowhere/at/all': No such file or directory");
    expect_error(run_command({"is-prime", "--file", "/proc"}), 2, "'/proc' is a directory");
    const StandardInput input(open("/dev/null", O_WRONLY | O_CLOEXEC));
    expect_error(run_command({"is-prime", "--file", "-"}), 1,
                 "cannot read standard input: Bad file descriptor");
}

TEST(IsPrimeOfAFile, OnAFullDiskIsAnError) {
    if (access("/dev/full", W_OK) != 0) {
        GTEST_SKIP() << "this machine has no /dev/full";
    }
    std::string text;
    for (int n = 0; n < 100'000; ++n) {
        text += "97\n";
    }
    const TextFile file(text);
    expect_error(run_command({"is-prime", "--file", file.path()}, Stdout::full_disk), 1,
                 "cannot write the result: No space left on device");
}

std::vector<std::uint64_t> numbers_of(const std::string& rows) {
    std::vector<std::uint64_t> numbers;
    std::istringstream lines(rows);
    for (std::string line; std::getline(lines, line);) {
        numbers.push_back(std::stoull(line));
    }
    return numbers;
}

TEST(IsPrimeOfRandomNumbers, AnswersForEach) {
    const std::string rows = output_of({"is-prime", "--random", "5000", "--seed", "7"});
    const auto numbers = numbers_of(rows);
    EXPECT_EQ(numbers.size(), 5000U);
    EXPECT_EQ(rows, rows_by_flint(numbers));
    EXPECT_EQ(output_of({"is-prime", "--random", "5000", "--seed", "7", "--count"}),
              std::to_string(std::ranges::count_if(
                  numbers, [](std::uint64_t n) { return n_is_prime(n) != 0; })) +
                  "\n");
}

TEST(IsPrimeOfRandomNumbers, DependsOnTheSeedAlone) {
    const Command::Arguments arguments{"is-prime", "--random",  "3000",   "--from", "10^18",
                                       "--to",     "10^18+1e6", "--seed", "12"};
    const std::string rows = output_of(arguments);
    for (const Command::Arguments& more : {Command::Arguments{"--workers", "7", "--pin", "none"},
                                           {"--grain", "13"},
                                           {"--crew", "serial"},
                                           {"--crew", "threads"}}) {
        Command::Arguments others = arguments;
        others.insert(others.end(), more.begin(), more.end());
        EXPECT_EQ(output_of(others), rows);
    }
    for (const std::uint64_t n : numbers_of(rows)) {
        EXPECT_GE(n, 1'000'000'000'000'000'000U);
        EXPECT_LT(n, 1'000'000'000'001'000'000U);
    }
    EXPECT_NE(output_of({"is-prime", "--random", "3000", "--from", "10^18", "--to", "10^18+1e6"}),
              rows);
}

TEST(IsPrimeOfRandomNumbers, MayBeOneNumberOrNone) {
    EXPECT_EQ(output_of({"is-prime", "--random", "3", "--from", "97", "--to", "98"}),
              "97 prime\n97 prime\n97 prime\n");
    EXPECT_EQ(output_of({"is-prime", "--random", "0"}), "");
    const Json object = Json::parse(output_of({"is-prime", "--random", "0", "--count", "--json"}));
    EXPECT_EQ(object["value"], "0");
    EXPECT_EQ(object["to"], "18446744073709551616");
}

TEST(IsPrimeOfRandomNumbers, ThatCannotBeIsRefused) {
    const auto expect_refused = [](const Command::Arguments& arguments,
                                   const std::string& message) {
        expect_error(run_command(arguments), 2, message);
    };
    expect_refused({"is-prime"}, "N is required, or --file FILE, or --random COUNT");
    expect_refused({"is-prime", "--random", "5", "--from", "9", "--to", "9"},
                   "--to '9' is not above --from '9'");
    expect_refused({"is-prime", "--random", "5", "--to", "2^64+1"}, "--to '2^64+1' is above");
    expect_refused({"is-prime", "--random", "2^64-1"}, "a table of 18446744073709551615 answers");
    expect_refused({"is-prime", "--random", "x"}, "--random 'x' is not a number");
    expect_refused({"is-prime", "--random", "5", "--seed", "-1"}, "--seed '-1' is negative");
    expect_refused({"is-prime", "7", "--random", "5"}, "N excludes --random");
    expect_refused({"is-prime", "7", "--file", "x"}, "N excludes --file");
    expect_refused({"is-prime", "--file", "x", "--random", "5"}, "--file excludes --random");
    expect_refused({"is-prime", "7", "--seed", "5"}, "--seed requires --random");
}

}  // namespace
}  // namespace pinfold::apps
