#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/figures/plot_script.hpp"
#include "study/analysis.hpp"

// The figures over the number of workers, as scripts for gnuplot. Pure. In each of them series
// `i` of the group has the marker and colour `i`; points whose workers share cores are open, and
// where several series have the same number of workers their points stand side by side.
namespace pinfold::apps::report {

/// At most `series_paints` series that are drawn together.
using SeriesGroup = std::vector<const Series*>;

/// All series that have a point, but for the base, in groups that one figure can hold.
[[nodiscard]] std::vector<SeriesGroup> series_groups(const Analysis& analysis);

/// The memory's bound of the speedup over the fewest workers, for one kind of pins.
struct MemoryBound {
    std::string pin;
    std::vector<std::pair<double, double>> factors;  ///< workers, bandwidth as a factor
};
[[nodiscard]] std::vector<MemoryBound> memory_bounds(const Environment& environment);

[[nodiscard]] std::string speedup_script(const Study& study, const SeriesGroup& group, Width width);
[[nodiscard]] std::string efficiency_script(const Study& study, const SeriesGroup& group,
                                            Width width);

/// The number of gnuplot's marker of the series: filled, or open where workers share cores.
[[nodiscard]] int marker_of(std::size_t series, bool is_open);

/// How the line of a memory bound is dashed, as gnuplot writes it.
[[nodiscard]] std::string memory_dashes(std::size_t bound);

}  // namespace pinfold::apps::report
