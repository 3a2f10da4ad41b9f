#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "harness/work.hpp"

namespace bench {

/// A piece of work that several runners do, so that their times can be compared.
struct Contest {
    std::string name;
    Work work;
    int repeats = 1000;

    /// Slept before each job, so that workers sleep too; zero for jobs in a row.
    std::chrono::milliseconds pause{0};
};

using MakeRunner = std::function<std::unique_ptr<Runner>()>;

/// Registers `name` as a Google Benchmark case of `contest`: it makes the runner, warms it, times
/// each job alone and checks each value; a wrong one ends the program.
///
/// The case's counters are the median of a job, the same for each chunk, and the ratio of the
/// median to that of the contest's first case, of this same run: 0.5 is half the time.
void enter(const Contest& contest, const std::string& name, MakeRunner make);

}  // namespace bench
