#pragma once

#include <functional>
#include <optional>
#include <vector>

namespace bench {

/// What one round of a case came to.
struct Round {
    double seconds = 0;
    std::optional<double> ratio;  ///< to the case with which this one is compared
};

/// Keeps the rounds of the case that runs now: --benchmark_out's file then has them all, as Google
/// Benchmark writes repetitions, and the case's one row as their aggregate named "median". So who
/// reads the file can test for a change. The table on the terminal keeps its one row.
void keep_rounds(std::vector<Round> rounds);

/// The same for rounds that are compared with nobody.
void keep_rounds(const std::vector<double>& seconds);

/// What main() of a bench does: reads Google Benchmark's options, calls `enter_cases` and runs the
/// cases that were chosen. Returns the exit status.
int run_benches(int argc, char** argv, const std::function<void()>& enter_cases);

}  // namespace bench
