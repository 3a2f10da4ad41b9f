#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/runner.hpp"

namespace bench {

/// Something that takes part in a contest.
struct Case {
    std::string name;
    MakeRunner make;  ///< empty for a peer that this build does not have
};

/// A piece of work that several runners do in turns, so that their times can be compared.
struct Contest {
    std::string name;
    Work work;
    int jobs = 100;   ///< of each case in a round
    int rounds = 15;  ///< in each of which every case has one block of jobs

    /// Jobs of a block before the first that is timed: threads start, pages are taken.
    int warm_ups = 5;

    /// Slept before each job, so that workers sleep too; zero for jobs in a row.
    std::chrono::milliseconds pause{0};

    /// A job is dropped if one of its parties ran a smaller part of the chunks: its CPU was taken
    /// away meanwhile. Zero asks nobody. For jobs that are long beside a wake.
    double least_share = 0;

    std::vector<Case> cases;
};

/// Registers each case with Google Benchmark, as <contest>/<case>. Those that --benchmark_filter
/// chooses run in turns, and the first case with them, which the others are compared with. A wrong
/// value ends the program.
///
/// A case's time is its median job. Its counters are that median, the same for each chunk, and
/// vs_first with its quartiles: the ratio to the first case of the same round, 0.5 is half the
/// time. With least_share there are also the share of the party that ran the fewest chunks, as a
/// median, and how many jobs were dropped.
void enter(Contest contest);

}  // namespace bench
