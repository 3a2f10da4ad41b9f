#pragma once

#include <string>

#include "report/drawing/gnuplot.hpp"
#include "study/analysis.hpp"

namespace pinfold::apps::report {

/// The page as a text: below 300 KB unless the study's own texts are longer. Drawings that do not
/// fit in that are left out, and the page says so.
[[nodiscard]] std::string page_text(const Study& study, const Analysis& analysis,
                                    const Tools& tools);

}  // namespace pinfold::apps::report
