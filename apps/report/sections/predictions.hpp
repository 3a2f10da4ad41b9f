#pragma once

#include <string>
#include <vector>

#include "report/drawing/drawn_figure.hpp"
#include "report/figures/prediction_figure.hpp"
#include "study/study.hpp"

namespace pinfold::apps::report {

/// What the simulator says of the study's job on machines that are not there.
struct Predictions {
    std::string run;  ///< whose chunks were taken; empty: no run of the command was traced
    std::size_t chunks = 0;
    std::vector<PredictedMachine> machines;
    std::vector<std::string> assumptions;
};

/// Simulates the first traced run on the quickest and the slowest machine whose latency is known.
[[nodiscard]] Predictions predictions_of(const Study& study);

void write_predictions(Html& html, Figures& figures, const Predictions& predictions);

}  // namespace pinfold::apps::report
