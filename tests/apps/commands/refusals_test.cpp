// Bad input is one clear line with the value and the limit, exit status 2, and no output.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "command.hpp"

namespace pinfold::apps {
namespace {

struct Refusal {
    Command::Arguments arguments;
    std::vector<std::string> named;  ///< what the line on standard error must contain
};

std::string joined(const Command::Arguments& arguments) {
    std::string line = "pinfold";
    for (const std::string& argument : arguments) {
        line += " '" + argument + "'";
    }
    return line;
}

void expect_refused(const Refusal& refusal, const Command::Arguments& environment = {}) {
    SCOPED_TRACE(joined(refusal.arguments));
    const Outcome outcome = run_command(refusal.arguments, Stdout::captured, environment);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.output, "");
    EXPECT_FALSE(outcome.processes_left);
    EXPECT_TRUE(outcome.error.starts_with("pinfold: ")) << outcome.error;
    EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
    EXPECT_TRUE(outcome.error.ends_with('\n')) << outcome.error;
    for (const std::string& part : refusal.named) {
        EXPECT_NE(outcome.error.find(part), std::string::npos)
            << "'" << part << "' is not in: " << outcome.error;
    }
}

void expect_all_refused(const std::vector<Refusal>& refusals) {
    for (const Refusal& refusal : refusals) {
        expect_refused(refusal);
    }
}

TEST(BadInput, InARangeIsRefused) {
    expect_all_refused({
        {{"prime-sum", "10", "5"}, {"END 5", "BEGIN 10"}},
        {{"prime-sum", "-1", "5"}, {"BEGIN '-1'", "negative"}},
        {{"prime-sum", "0", "-5"}, {"END '-5'", "negative"}},
        {{"prime-sum", "0", "5-6"}, {"END '5-6'", "negative"}},
        {{"prime-sum", "0", "1.5"}, {"END '1.5'", "whole"}},
        {{"prime-sum", "0.5e0", "10"}, {"BEGIN '0.5e0'", "whole"}},
        {{"prime-sum", "0", "2^64+1"}, {"END '2^64+1'", "limit of 2^64"}},
        {{"prime-sum", "0", "1e20"}, {"END '1e20'", "limit of 2^64"}},
        {{"prime-sum", "0", "99999999999999999999999999999999999999999"}, {"limit of 2^64"}},
        {{"prime-sum", "2^64", "2^64"}, {"BEGIN '2^64'", "limit of 2^64 - 1"}},
        {{"prime-sum", "0", "ten"}, {"END 'ten'", "not a number"}},
        {{"prime-sum", "", "10"}, {"BEGIN ''", "empty"}},
        {{"prime-sum", "0", ""}, {"END ''", "empty"}},
        {{"prime-sum", "0", "1\n0"}, {"END '1\\x0a0'", "not a number"}},
    });
}

TEST(BadInput, InAnOptionIsRefused) {
    expect_all_refused({
        {{"prime-sum", "0", "10", "--workers", "0"}, {"--workers '0'", "limit of 1"}},
        {{"prime-sum", "0", "10", "--workers", "1e9"}, {"--workers '1e9'", "limit of 1024"}},
        {{"prime-sum", "0", "10", "--workers", "-2"}, {"--workers '-2'", "least value is 1"}},
        {{"prime-sum", "0", "10", "--workers", "two"}, {"--workers 'two'", "not a number"}},
        {{"prime-sum", "0", "10", "--crew", "gang"}, {"gang", "serial, threads, processes"}},
        {{"prime-sum", "0", "10", "--pin", "sideways"}, {"sideways"}},
        {{"prime-sum", "0", "10", "--pin", "99999"}, {"99999"}},
        {{"prime-sum", "0", "10", "--pin", "3-1"}, {"3-1"}},
        {{"prime-sum", "0", "10", "--pin", "cores@numa:9999"}, {"9999"}},
        {{"prime-sum", "0", "10", "--grain", "0"}, {"--grain '0'", "limit of 1"}},
        {{"prime-sum", "0", "1e12", "--grain", "1"}, {"grain 1", "4194304", "238419"}},
        {{"prime-sum", "0", "10", "--method", "magic"},
         {"magic", "auto, sieve, hybrid, combinatorial, trial"}},
        {{"prime-sum", "0", "10", "--deadline", "5"}, {"--deadline '5'", "duration"}},
        {{"prime-sum", "0", "10", "--deadline", "1ns"}, {"--deadline '1ns'", "units are us"}},
        {{"prime-sum", "0", "10", "--deadline", "-1s"}, {"'-1'", "least value is 1"}},
        {{"prime-sum", "0", "10", "--deadline", "0s"}, {"--deadline", "'0'", "limit of 1"}},
        {{"prime-sum", "0", "10", "--max-attempts", "0"}, {"--max-attempts '0'", "limit of 1"}},
        {{"prime-sum", "0", "10", "--max-attempts", "101"}, {"'101'", "limit of 100"}},
        {{"prime-sum", "0", "10", "--on-poison", "drink"}, {"drink", "fail, skip"}},
        {{"prime-sum", "0", "10", "--method", "combinatorial", "--grain", "5"},
         {"--grain", "combinatorial"}},
        {{"prime-count", "0", "10", "--method", "combinatorial", "--journal", "file"},
         {"--journal", "combinatorial"}},
        {{"prime-sum", "0", "10", "--method", "combinatorial", "--on-poison", "skip"},
         {"--on-poison skip", "combinatorial"}},
        {{"prime-sum", "--each", "1:9:1", "--method", "combinatorial"},
         {"--each", "combinatorial"}},
        {{"prime-sum", "0", "10", "--verify", "--on-poison", "skip"}, {"--verify", "fail"}},
        {{"fib", "0", "10", "--verify"}, {"--verify", "sums"}},
        {{"prime-sum", "0", "10", "--json", "--csv"}, {"--csv", "--json"}},
        {{"fib", "5", "--mod", ""}, {"--mod ''", "empty"}},
        {{"prime-sum", "0", "10", "--journal="}, {"--journal ''", "empty"}},
        {{"topo", "--xml", ""}, {"--xml ''", "empty"}},
    });
}

TEST(BadInput, ThatTheCrewCannotGiveIsRefused) {
    expect_all_refused({
        {{"prime-sum", "0", "10", "--crew", "threads", "--chunk-deadline", "1s"},
         {"--chunk-deadline '1s'", "processes"}},
        {{"prime-sum", "0", "10", "--crew", "serial", "--chunk-deadline", "1s"},
         {"--chunk-deadline '1s'", "processes"}},
    });
}

TEST(BadInput, ForTheTableOfSumsIsRefused) {
    expect_all_refused({
        {{"prime-sum"}, {"BEGIN and END"}},
        {{"prime-sum", "5"}, {"BEGIN and END"}},
        {{"prime-sum", "1", "2", "--each", "1:2:1"}, {"--each '1:2:1' excludes BEGIN and END\n"}},
        {{"prime-sum", "--each", "1:2"}, {"--each '1:2'", "FIRST:LAST:STEP"}},
        {{"prime-sum", "--each", "1:2:3:4"}, {"STEP", "'3:4'"}},
        {{"prime-sum", "--each", "1:2:0"}, {"STEP", "'0'", "limit of 1"}},
        {{"prime-sum", "--each", "5:2:1"}, {"LAST 2", "FIRST 5"}},
        {{"prime-sum", "--each", "0:2^64:1"}, {"18446744073709551616", "memory"}},
    });
}

TEST(BadInput, ForFibonacciNumbersIsRefused) {
    expect_all_refused({
        {{"fib"}, {"N is required"}},
        {{"fib", "2^64"}, {"N '2^64'", "limit of 2^64 - 1"}},
        {{"fib", "5", "--mod", "0"}, {"--mod '0'", "limit of 1"}},
        {{"fib", "5", "--mod", "-5"}, {"--mod '-5'", "least value is 1"}},
        {{"fib", "5", "--mod", "2^64"}, {"--mod '2^64'", "limit of 2^64 - 1"}},
        {{"fib", "5", "3"}, {"END 3", "BEGIN 5"}},
        {{"fib", "5", "--sum"}, {"--sum", "END"}},
        {{"fib", "1e12"}, {"F(1000000000000)", "limit"}},
        {{"fib", "0", "2^64", "--sum"}, {"F(18446744073709551617)", "limit"}},
        {{"fib", "0", "2^64", "--mod", "7"}, {"table", "memory"}},
        {{"fib", "0", "9", "--sum", "--grain", "2"}, {"--grain '2'", "--mod"}},
        {{"fib", "0", "9", "--sum", "--method", "doubling"}, {"--method 'doubling'", "--mod"}},
        {{"fib", "0", "9", "--mod", "7", "--sum", "--method", "guess"}, {"guess"}},
    });
}

TEST(BadInput, ForTheNthPrimeIsRefused) {
    expect_all_refused({
        {{"nth-prime"}, {"N is required"}},
        {{"nth-prime", "0"}, {"N '0'", "limit of 1"}},
        {{"nth-prime", "-1"}, {"N '-1'", "least value is 1"}},
        {{"nth-prime", "425656284035217744"},
         {"N '425656284035217744'", "limit of 425656284035217743"}},
        {{"nth-prime", "5", "--grain", "100"}, {"--grain '100'", "several ranges"}},
        {{"nth-prime", "5", "--journal", "file"}, {"--journal 'file'", "sums and counts"}},
        {{"nth-prime", "5", "--on-poison", "skip"}, {"--on-poison skip", "another prime"}},
    });
}

TEST(BadInput, ForThePrimesBesideANumberIsRefused) {
    expect_all_refused({
        {{"next-prime"}, {"N is required"}},
        {{"next-prime", "2^64-59"}, {"N '2^64-59'", "limit of 2^64 - 60"}},
        {{"next-prime", "2^64"}, {"N '2^64'", "limit of 2^64 - 60"}},
        {{"next-prime", "ten"}, {"N 'ten'", "not a number"}},
        {{"next-prime", "5", "--workers", "2"}, {"--workers"}},
        {{"next-prime", "5", "--csv", "--json"}, {"--csv", "--json"}},
        {{"prev-prime", "2"}, {"N '2'", "limit of 3"}},
        {{"prev-prime", "0"}, {"N '0'", "limit of 3"}},
        {{"prev-prime", "2^64+1"}, {"N '2^64+1'", "limit of 2^64"}},
        {{"prev-prime", "-5"}, {"N '-5'", "least value is 3"}},
    });
}

TEST(BadInput, OnTheCommandLineItselfIsRefused) {
    expect_all_refused({
        {{}, {"a command is needed"}},
        {{"prime-product", "0", "10"}, {"prime-product"}},
        {{"prime-sum", "0", "10", "20"}, {"20"}},
        {{"prime-sum", "0", "10", "--wrokers", "2"}, {"--wrokers"}},
        {{"prime-sum", "0", "10", "--workers"}, {"--workers"}},
        {{"is-prime"}, {"N is required"}},
        {{"is-prime", "7", "2^64"}, {"N '2^64'", "limit of 2^64 - 1"}},
        {{"is-prime", "7", "seven"}, {"N 'seven'", "not a number"}},
    });
}

TEST(BadInput, InTheEnvironmentIsRefused) {
    expect_refused({{"prime-sum", "0", "10"}, {"PINFOLD_ISA", "abacus", "scalar"}},
                   {"PINFOLD_ISA=abacus"});
    expect_refused({{"is-prime", "7"}, {"PINFOLD_ISA", "abacus", "scalar"}},
                   {"PINFOLD_ISA=abacus"});
    expect_refused({{"prime-sum", "0", "10"}, {"PINFOLD_WORKERS", "many"}},
                   {"PINFOLD_WORKERS=many"});
    expect_refused({{"prime-sum", "0", "10"}, {"PINFOLD_CREW=gpu", "serial, threads, processes"}},
                   {"PINFOLD_CREW=gpu"});
    expect_refused({{"prime-sum", "0", "10"}, {"PINFOLD_PIN=sideways", "compact"}},
                   {"PINFOLD_PIN=sideways"});
    expect_refused({{"prime-sum", "0", "10", "--chunk-deadline", "1s"},
                    {"--chunk-deadline '1s'", "'threads', which PINFOLD_CREW says"}},
                   {"PINFOLD_CREW=threads"});
}

}  // namespace
}  // namespace pinfold::apps
