#pragma once

#include "report/drawing/drawn_figure.hpp"
#include "study/analysis.hpp"

namespace pinfold::apps::report {

/// What happened inside the runs: when each worker was busy, how long chunks took, who waited.
void write_runs(Html& html, Figures& figures, const Study& study, const Analysis& analysis);

}  // namespace pinfold::apps::report
