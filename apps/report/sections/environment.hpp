#pragma once

#include "report/html/html.hpp"
#include "study/study.hpp"

namespace pinfold::apps::report {

/// What was found out about the machine, by group, with what makes the figures doubtful.
void write_environment(Html& html, const Study& study);

}  // namespace pinfold::apps::report
