#pragma once

#include <string>
#include <vector>

#include "report/html/html.hpp"
#include "study/analysis.hpp"

namespace pinfold::apps::report {

/// What a reader may take from this study, and what not, a sentence each.
struct Conclusions {
    std::vector<std::string> allowed;
    std::vector<std::string> refused;
};

/// Depends on what the study has: samples, points beyond the cores, fits, traces. Pure.
[[nodiscard]] Conclusions conclusions_of(const Study& study, const Analysis& analysis);

void write_conclusions(Html& html, const Study& study, const Analysis& analysis);

/// How to run the study again, and each command of it as it was run.
void write_reproduction(Html& html, const Study& study);

}  // namespace pinfold::apps::report
