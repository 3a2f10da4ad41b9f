#pragma once

#include "report/drawing/drawn_figure.hpp"
#include "study/analysis.hpp"

namespace pinfold::apps::report {

/// Speedup, efficiency and time over the workers, with the table of all points.
void write_scaling(Html& html, Figures& figures, const Study& study, const Analysis& analysis);

}  // namespace pinfold::apps::report
