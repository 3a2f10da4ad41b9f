#include "report/figures/worker_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figures/ticks.hpp"
#include "report/look_up.hpp"

namespace pinfold::apps::report {

namespace {

constexpr double marker_pixels = 7;

std::vector<int> workers_in(const Study& study, const SeriesGroup& group) {
    std::vector<int> workers;
    for (const Series* const series : group) {
        for (const Point& point : series->points) {
            workers.push_back(workers_of(study, point));
        }
    }
    std::ranges::sort(workers);
    workers.erase(std::unique(workers.begin(), workers.end()), workers.end());
    return workers;
}

double smallest_gap(const std::vector<int>& workers, double otherwise) {
    double gap = otherwise;
    for (std::size_t at = 1; at < workers.size(); ++at) {
        gap = std::min(gap, std::log2(static_cast<double>(workers[at]) / workers[at - 1]));
    }
    return gap;
}

bool is_drawn(const Estimate& estimate) {
    return std::isfinite(estimate.value) && estimate.value > 0;
}

bool has_bar(const Estimate& estimate) {
    return estimate.level > 0 && std::isfinite(estimate.low) && std::isfinite(estimate.high) &&
           estimate.low > 0;
}

}  // namespace

WorkerAxis::WorkerAxis(const Study& study, const SeriesGroup& group, const Canvas& canvas)
    : study_(study), group_(group), canvas_(canvas), workers_(workers_in(study, group)) {
    const double low = workers_.empty() ? 1 : workers_.front();
    const double high = workers_.empty() ? 1 : workers_.back();
    const double octaves = std::log2(high / low);
    const double room = std::max(.3, octaves * .06);
    range_ = {low * std::exp2(-room), high * std::exp2(room)};
    const double pixels_of_an_octave = canvas.plot_width() / (octaves + 2 * room);
    const double series = static_cast<double>(std::max<std::size_t>(group.size(), 1));
    step_octaves_ = std::min(marker_pixels / pixels_of_an_octave,
                             .6 * smallest_gap(workers_, 2 * room) / series);
}

double WorkerAxis::place_of(std::size_t series, int workers) const {
    const double middle = (static_cast<double>(group_.size()) - 1) / 2;
    return workers * std::exp2((static_cast<double>(series) - middle) * step_octaves_);
}

void WorkerAxis::set_up(PlotScript& script, bool with_names) const {
    script.line("set logscale x 2");
    script.range('x', range_);
    std::vector<Tick> ticks = worker_ticks(workers_, range_, canvas_.plot_width());
    for (Tick& tick : ticks) {
        tick.text = with_names ? tick.text : "";
    }
    script.ticks('x', ticks);
    const int cores = study_.environment.usable_cores;
    const int cpus = std::max(study_.environment.usable_cpus, cores);
    int after_cores = 0;
    int after_cpus = 0;
    for (const int workers : workers_) {
        after_cores += workers > cores && workers <= cpus ? 1 : 0;
        after_cpus += workers > cpus ? 1 : 0;
    }
    if (after_cores > 0) {
        add_shade(script, cores, after_cpus > 0 ? cpus : range_.high, "SMT");
    }
    if (after_cpus > 0) {
        add_shade(script, cpus, range_.high, "> CPUs");
    }
}

void WorkerAxis::add_shade(PlotScript& script, double from, double to,
                           const std::string& text) const {
    // Half-way to the next number of workers, so that the last point before it stands outside.
    const auto next = std::ranges::upper_bound(workers_, static_cast<int>(from));
    const double begin = next == workers_.end() || next == workers_.begin()
                             ? from
                             : std::sqrt(static_cast<double>(*next) * *std::prev(next));
    const auto after = std::ranges::upper_bound(workers_, static_cast<int>(to));
    const double end = to >= range_.high || after == workers_.end()
                           ? range_.high
                           : std::sqrt(static_cast<double>(*after) * *std::prev(after));
    script.line(
        fmt::format("set object rectangle from first {:.6g},graph 0 to first {:.6g},graph 1"
                    " behind fs solid noborder {}",
                    std::max(begin, range_.low), end, fill_colour(Paint::shade)));
    // Away from the border between two shades, where each may be narrower than its name.
    const bool is_last = end >= range_.high;
    script.line(
        fmt::format("set arrow from first {0:.6g},graph 0 to first {0:.6g},graph 1.07 nohead "
                    "lw 1 dt (2,2) {1}",
                    std::max(begin, range_.low), colour(Paint::ink)));
    script.line(fmt::format("set label \"{}\" at first {:.6g},graph 1 {} offset {},.7", text,
                            is_last ? std::max(begin, range_.low) : end, is_last ? "left" : "right",
                            is_last ? .7 : -.7));
}

Range WorkerAxis::range_of(const Shown& shown, const Range& otherwise) const {
    std::optional<Range> range;
    for (const Series* const series : group_) {
        for (const Point& point : series->points) {
            const std::optional<Estimate> estimate = shown(point);
            if (!estimate || !is_drawn(*estimate)) {
                continue;
            }
            range = range.value_or(Range{estimate->value, estimate->value});
            range->hold(estimate->value);
            if (has_bar(*estimate)) {
                range->hold(estimate->low);
                range->hold(estimate->high);
            }
        }
    }
    return range.value_or(otherwise);
}

void WorkerAxis::add_points(PlotScript& script, std::vector<std::string>& layers,
                            const Shown& shown, const std::string& prefix) const {
    for (std::size_t at = 0; at < group_.size(); ++at) {
        std::vector<std::vector<double>> bars;
        std::vector<std::vector<double>> markers[2];
        for (const Point& point : group_[at]->points) {
            const std::optional<Estimate> estimate = shown(point);
            if (!estimate || !is_drawn(*estimate)) {
                continue;
            }
            const double x = place_of(at, workers_of(study_, point));
            if (has_bar(*estimate)) {
                bars.push_back({x, estimate->low, estimate->high - estimate->low});
            }
            markers[shares_cores(study_, point) ? 1 : 0].push_back({x, estimate->value});
        }
        const std::string paint = colour(Paint::series, static_cast<int>(at));
        if (!bars.empty()) {
            const std::string name = fmt::format("{}bars{}", prefix, at);
            script.data(name, bars);
            layers.push_back(
                fmt::format("${} using 1:2:(0):3 with vectors nohead lw 2 {}", name, paint));
        }
        for (const bool is_open : {false, true}) {
            if (!markers[is_open ? 1 : 0].empty()) {
                const std::string name =
                    fmt::format("{}{}{}", prefix, is_open ? "open" : "full", at);
                script.data(name, markers[is_open ? 1 : 0]);
                layers.push_back(fmt::format("${} using 1:2 with points pt {} ps 1 {}", name,
                                             marker_of(at, is_open), paint));
            }
        }
    }
}

}  // namespace pinfold::apps::report
