#pragma once

#include <benchmark/benchmark.h>

#include <vector>

namespace bench {

/// Writes Google Benchmark's JSON with the rounds that keep_rounds() was given for a case.
class RoundsReporter : public benchmark::JSONReporter {
  public:
    void ReportRuns(const std::vector<Run>& runs) override;
};

}  // namespace bench
