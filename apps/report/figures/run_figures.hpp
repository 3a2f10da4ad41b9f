#pragma once

#include <string>

#include "report/figures/busy_grid.hpp"
#include "report/figures/plot_script.hpp"

// The figures of one traced run, as scripts for gnuplot. Pure.
namespace pinfold::apps::report {

/// At most so many rows of workers are drawn: more could not be told apart.
constexpr int most_rows = 32;

/// The level of a share as a colour: -1 for none, 0 to busy_paints - 1 for a fifth each.
[[nodiscard]] int busy_level(double share);

/// A row a worker, over time, the darker the busier.
[[nodiscard]] std::string timeline_script(const BusyGrid& grid, Width width);

/// Chunks by their time, both logarithmic.
[[nodiscard]] std::string chunk_times_script(const ChunkTimes& times, Width width);

/// A bar a worker: busy, waiting, idle.
[[nodiscard]] std::string splits_script(const std::vector<WorkerSplit>& splits, Width width);

}  // namespace pinfold::apps::report
