#pragma once

#include <string>
#include <vector>

#include "report/figures/plot_script.hpp"
#include "simulator/simulator.hpp"

namespace pinfold::apps::report {

/// The simulator's predictions for one machine.
struct PredictedMachine {
    PublishedLine line;                   ///< how quickly a cache line goes between its cores
    std::vector<Prediction> predictions;  ///< by rising workers
};

/// Speedups over the number of workers, both logarithmic, a marker a machine. As script for
/// gnuplot. Pure.
[[nodiscard]] std::string prediction_script(const std::vector<PredictedMachine>& machines,
                                            Width width);

/// The number of gnuplot's marker of a machine: not one of those that measurements have.
[[nodiscard]] int prediction_marker(std::size_t machine);

}  // namespace pinfold::apps::report
