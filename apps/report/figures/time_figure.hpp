#pragma once

#include "report/figures/scale_figures.hpp"

namespace pinfold::apps::report {

/// The parts of a run's time that at least one point has: whole command, job, pool.
struct TimePart {
    std::string name;
    std::optional<Estimate> (*shown)(const Point&);
    bool is_compared = false;  ///< the part whose speedup the study tells
};
[[nodiscard]] std::vector<TimePart> time_parts(const Analysis& analysis);

/// A plot for each part, one above the other, with the base's time over the workers beside the part
/// that is compared.
[[nodiscard]] std::string time_script(const Study& study, const Analysis& analysis,
                                      const SeriesGroup& group, Width width);

}  // namespace pinfold::apps::report
