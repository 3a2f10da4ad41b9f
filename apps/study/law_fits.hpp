#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/analysis.hpp"
#include "study/measured_study.hpp"

namespace pinfold::apps {

/// Fits the laws to the points of a series that have no more workers than there are CPUs: its fits,
/// its curve, and findings on what the fits tell and cannot tell. `base_seconds` is the base's time
/// for work of 1.
void fit_laws(Series& series, const MeasuredStudy& measured, std::optional<double> base_seconds);

}  // namespace pinfold::apps
