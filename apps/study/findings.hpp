#pragma once

#include "study/analysis.hpp"
#include "study/measured_study.hpp"

namespace pinfold::apps {

// Plain sentences on what the samples tell and cannot tell, beside those on fits.

/// Adds those on a series' points.
void find_in_series(Series& series, const MeasuredStudy& measured);

/// Adds those on the study as a whole.
void find_in_study(Analysis& analysis, const MeasuredStudy& measured);

}  // namespace pinfold::apps
