#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "report/figures/scale_figures.hpp"

namespace pinfold::apps::report {

/// What a figure shows of a point; nothing where the point does not have it.
using Shown = std::function<std::optional<Estimate>(const Point&)>;

/// What the figures over workers have in common: the axis, and how points stand on it.
class WorkerAxis {
  public:
    WorkerAxis(const Study& study, const SeriesGroup& group, const Canvas& canvas);

    [[nodiscard]] const Range& range() const noexcept { return range_; }

    /// The axis, and a shade behind the workers that share cores or CPUs.
    /// Without names where another plot below it has the same axis.
    void set_up(PlotScript& script, bool with_names = true) const;

    /// The ends of what is shown, with its intervals. `otherwise` where nothing is.
    [[nodiscard]] Range range_of(const Shown& shown, const Range& otherwise) const;

    /// Adds the data of all points, and the layers that draw them: bars, then markers.
    void add_points(PlotScript& script, std::vector<std::string>& layers, const Shown& shown,
                    const std::string& prefix) const;

  private:
    [[nodiscard]] double place_of(std::size_t series, int workers) const;
    void add_shade(PlotScript& script, double from, double to, const std::string& text) const;

    const Study& study_;
    const SeriesGroup& group_;
    Canvas canvas_;
    std::vector<int> workers_;
    Range range_;
    double step_octaves_ = 0;  // between the points of two series with the same workers
};

}  // namespace pinfold::apps::report
