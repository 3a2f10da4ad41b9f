#pragma once

#include "report/html/html.hpp"
#include "study/analysis.hpp"

namespace pinfold::apps::report {

/// Every point of the study: what was measured and what follows from it.
void write_points(Html& html, const Study& study, const Analysis& analysis);

/// The scaling laws' coefficients, and the curves as numbers.
void write_laws(Html& html, const Study& study, const Analysis& analysis);

/// What the runs used of the machine: memory, cycles, faults, throttling.
void write_usage(Html& html, const Study& study);

}  // namespace pinfold::apps::report
