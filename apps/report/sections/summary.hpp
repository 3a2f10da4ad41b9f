#pragma once

#include "report/html/html.hpp"
#include "study/analysis.hpp"

namespace pinfold::apps::report {

/// The page's begin: the command under study, and when and on what it ran.
void write_title(Html& html, const Study& study);

/// What was found, in words.
void write_summary(Html& html, const Study& study, const Analysis& analysis);

}  // namespace pinfold::apps::report
