#pragma once

#include <string>

#include "study/analysis.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

/// What a study came to, as a table for a terminal with the findings below it. A figure that
/// nothing tells is "-".
[[nodiscard]] std::string study_table(const Study& study, const Analysis& analysis);

}  // namespace pinfold::apps
