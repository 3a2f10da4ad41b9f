#pragma once

#include "report/drawing/drawn_figure.hpp"
#include "study/study.hpp"

namespace pinfold::apps::report {

/// The machine with the workers of the largest run on it, and where all runs bound theirs.
void write_machine(Html& html, Figures& figures, const Study& study);

}  // namespace pinfold::apps::report
