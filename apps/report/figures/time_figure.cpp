#include "report/figures/time_figure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/figures/ticks.hpp"
#include "report/figures/worker_axis.hpp"

namespace pinfold::apps::report {

namespace {

std::optional<Estimate> command_of(const Point& point) {
    return point.command_seconds;
}

std::optional<Estimate> job_of(const Point& point) {
    return point.job_seconds;
}

std::optional<Estimate> pool_of(const Point& point) {
    return point.pool_seconds;
}

/// What the base's time would be with perfect scaling.
std::vector<std::vector<double>> ideal_rows(const Study& study, double base, const Range& x) {
    if (study.options.scaling == Scaling::weak) {
        return {{x.low, base}, {x.high, base}};
    }
    return {{x.low, base / x.low}, {x.high, base / x.high}};
}

}  // namespace

std::vector<TimePart> time_parts(const Analysis& analysis) {
    std::vector<TimePart> parts;
    const bool is_job = analysis.measure == "job";
    for (const TimePart& part : {TimePart{"whole command", command_of, !is_job},
                                 TimePart{"job", job_of, is_job}, TimePart{"pool", pool_of}}) {
        const bool is_there = std::ranges::any_of(analysis.series, [&](const Series& series) {
            return std::ranges::any_of(series.points, [&](const Point& point) {
                const std::optional<Estimate> estimate = part.shown(point);
                return estimate && estimate->value > 0;
            });
        });
        if (is_there) {
            parts.push_back(part);
        }
    }
    return parts;
}

std::string time_script(const Study& study, const Analysis& analysis, const SeriesGroup& group,
                        Width width) {
    const std::vector<TimePart> parts = time_parts(analysis);
    constexpr int plot_height = 150;
    constexpr int between = 30;
    Canvas size = canvas(width, 0);
    size.top = 30;
    size.height =
        size.top + static_cast<int>(parts.size()) * (plot_height + between) - between + size.bottom;
    PlotScript script(size);
    const WorkerAxis axis(study, group, size);
    script.line("set multiplot");
    int top = size.top;
    for (std::size_t at = 0; at < parts.size(); ++at) {
        const TimePart& part = parts[at];
        script.line("unset object; unset label; unset arrow");
        const bool is_last = at + 1 == parts.size();
        axis.set_up(script, is_last);
        if (is_last) {
            script.line("set xlabel \"workers\" offset 0,.5");
        }
        script.rows(top, top + plot_height);
        top += plot_height + between;
        Range y = axis.range_of(part.shown, {1, 1});
        y = {y.low / 1.3, y.high * 1.3};
        script.line("set logscale y 10");
        script.range('y', y);
        script.ticks('y', time_ticks(y, 6));
        script.line(fmt::format("set label \"{}\" at graph 0,1 left offset 0,.6", part.name));
        std::vector<std::string> layers;
        if (part.is_compared && analysis.base && analysis.base->value > 0) {
            script.data("ideal", ideal_rows(study, analysis.base->value, axis.range()));
            layers.push_back("$ideal using 1:2 with lines lw 1 dt (6,4) " + colour(Paint::ink));
        }
        axis.add_points(script, layers, part.shown, fmt::format("part{}", at));
        if (layers.empty()) {
            layers.emplace_back("NaN");
        }
        script.plot(layers);
    }
    script.line("unset multiplot");
    return script.text();
}

}  // namespace pinfold::apps::report
