#include "report/figures/scale_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figures/ticks.hpp"
#include "report/figures/worker_axis.hpp"

namespace pinfold::apps::report {

namespace {

// More pins than that cannot be told apart by their dashes.
constexpr std::size_t most_bounds = 3;
constexpr double lowest = 1e-6;
constexpr std::size_t most_curve_points = 30;

std::optional<Estimate> speedup_of(const Point& point) {
    return point.speedup;
}

std::optional<Estimate> efficiency_of(const Point& point) {
    return point.efficiency;
}

/// Adds the curve of each series' law with its band; as efficiency it is divided by the workers.
void add_curves(PlotScript& script, std::vector<std::string>& layers, const SeriesGroup& group,
                bool as_efficiency) {
    for (std::size_t at = 0; at < group.size(); ++at) {
        std::vector<std::vector<double>> rows;
        bool has_band = !group[at]->curve.empty();
        const std::vector<CurvePoint>& curve = group[at]->curve;
        const std::size_t step = std::max<std::size_t>(1, curve.size() / most_curve_points);
        for (std::size_t next = 0; next < curve.size(); next += step) {
            // The last one is always shown.
            const CurvePoint& point = next + step < curve.size() ? curve[next] : curve.back();
            if (!std::isfinite(point.speedup.value)) {
                continue;
            }
            const double unit = as_efficiency ? point.workers : 1;
            // A band that reaches 0 would have no end on a logarithmic axis.
            rows.push_back({point.workers, point.speedup.value / unit,
                            std::max(point.speedup.low / unit, lowest), point.speedup.high / unit});
            has_band = has_band && point.speedup.level > 0 && std::isfinite(point.speedup.low) &&
                       std::isfinite(point.speedup.high);
        }
        if (rows.empty()) {
            continue;
        }
        script.data(fmt::format("curve{}", at), rows);
        const std::string paint = colour(Paint::series, static_cast<int>(at));
        if (has_band) {
            layers.push_back(fmt::format(
                "$curve{} using 1:3:4 with filledcurves {} fs transparent solid .15 noborder", at,
                paint));
        }
        layers.push_back(fmt::format("$curve{} using 1:2 with lines lw 1.5 {}", at, paint));
    }
}

void add_bounds(PlotScript& script, std::vector<std::string>& layers,
                const std::vector<MemoryBound>& bounds, const Range& x, const Range& y) {
    for (std::size_t at = 0; at < bounds.size(); ++at) {
        std::vector<std::vector<double>> rows;
        for (const auto& [workers, factor] : bounds[at].factors) {
            if (workers >= x.low && workers <= x.high && factor >= y.low) {
                rows.push_back({workers, factor});
            }
        }
        if (!rows.empty()) {
            script.data(fmt::format("bound{}", at), rows);
            layers.push_back(fmt::format("$bound{} using 1:2 with lines lw 1.5 dt {} {}", at,
                                         memory_dashes(at), colour(Paint::bound)));
        }
    }
}

}  // namespace

std::vector<SeriesGroup> series_groups(const Analysis& analysis) {
    std::vector<SeriesGroup> groups;
    for (const Series& series : analysis.series) {
        if (series.role == Role::base || series.points.empty()) {
            continue;
        }
        if (groups.empty() || groups.back().size() == series_paints) {
            groups.emplace_back();
        }
        groups.back().push_back(&series);
    }
    return groups;
}

std::vector<MemoryBound> memory_bounds(const Environment& environment) {
    std::vector<MemoryBound> bounds;
    for (const Bandwidth& bandwidth : environment.bandwidths) {
        if (!(bandwidth.bytes_per_second > 0) || bandwidth.workers < 1) {
            continue;
        }
        auto bound = std::ranges::find(bounds, bandwidth.pin, &MemoryBound::pin);
        if (bound == bounds.end()) {
            bound = bounds.insert(bounds.end(), {bandwidth.pin, {}});
        }
        bound->factors.emplace_back(bandwidth.workers, bandwidth.bytes_per_second);
    }
    std::erase_if(bounds, [](const MemoryBound& one) { return one.factors.size() < 2; });
    bounds.resize(std::min(bounds.size(), most_bounds));
    for (MemoryBound& bound : bounds) {
        std::ranges::sort(bound.factors);
        const auto [workers, bytes] = bound.factors.front();
        for (auto& [number, factor] : bound.factors) {
            factor *= workers / bytes;
        }
    }
    return bounds;
}

std::string speedup_script(const Study& study, const SeriesGroup& group, Width width) {
    const Canvas size = canvas(width, width == Width::wide ? 430 : 350);
    PlotScript script(size);
    const WorkerAxis axis(study, group, size);
    axis.set_up(script);
    Range y = axis.range_of(speedup_of, {1, 1});
    // The ideal line, as far as it does not press the points into a corner.
    constexpr double most_room = 4;
    y.hold(std::min(axis.range().high, y.high * most_room));
    y.hold(1);
    y = {y.low / 1.2, y.high * 1.1};
    script.line("set logscale y 2");
    script.range('y', y);
    script.ticks('y', factor_ticks(y, width == Width::wide ? 9 : 7));
    script.names("workers", "times as quick as the base");
    std::vector<std::string> layers;
    const Range& x = axis.range();
    script.data("ideal", {{std::max(x.low, y.low), std::max(x.low, y.low)},
                          {std::min(x.high, y.high), std::min(x.high, y.high)}});
    add_curves(script, layers, group, false);
    layers.push_back("$ideal using 1:2 with lines lw 1 dt (6,4) " + colour(Paint::ink));
    add_bounds(script, layers, memory_bounds(study.environment), x, y);
    axis.add_points(script, layers, speedup_of, "");
    script.plot(layers);
    return script.text();
}

std::string efficiency_script(const Study& study, const SeriesGroup& group, Width width) {
    const Canvas size = canvas(width, width == Width::wide ? 330 : 300);
    PlotScript script(size);
    const WorkerAxis axis(study, group, size);
    axis.set_up(script);
    const Range shown = axis.range_of(efficiency_of, {1, 1});
    const Range y{0, std::max(1.05, shown.high * 1.05)};
    script.range('y', y);
    std::vector<Tick> ticks = linear_ticks(y, 6);
    for (Tick& tick : ticks) {
        tick.text = fmt::format("{:.4g} %", tick.at * 100);
    }
    script.ticks('y', ticks);
    script.names("workers", "efficiency");
    script.data("ideal", {{axis.range().low, 1}, {axis.range().high, 1}});
    std::vector<std::string> layers;
    add_curves(script, layers, group, true);
    layers.push_back("$ideal using 1:2 with lines lw 1 dt (6,4) " + colour(Paint::ink));
    axis.add_points(script, layers, efficiency_of, "");
    script.plot(layers);
    return script.text();
}

std::string memory_dashes(std::size_t bound) {
    constexpr const char* dashes[most_bounds] = {"(2,3)", "(10,3)", "(10,3,2,3)"};
    return dashes[std::min(bound, most_bounds - 1)];
}

int marker_of(std::size_t series, bool is_open) {
    // Squares, circles, triangles, and so on; circles first, as the plainest.
    constexpr int filled[series_paints] = {7, 5, 9, 13, 11, 15};
    return filled[series % series_paints] - (is_open ? 1 : 0);
}

}  // namespace pinfold::apps::report
