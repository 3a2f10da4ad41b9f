#include "report/sections/scaling.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/figures/scale_figures.hpp"
#include "report/figures/time_figure.hpp"
#include "report/html/numbers.hpp"
#include "report/look_up.hpp"
#include "report/sections/points.hpp"

namespace pinfold::apps::report {

namespace {

using Symbol = LegendEntry::Symbol;

// A study of more series than one figure holds still shows a timeline and the machine.
constexpr std::size_t bytes_of_other_sections = 100'000;

constexpr const char* ideal_dashes = "6 4";

int paint_of(Paint paint, std::size_t offset = 0) {
    return static_cast<int>(paint) + static_cast<int>(offset);
}

bool has_open_markers(const Study& study, const SeriesGroup& group) {
    return std::ranges::any_of(group, [&](const Series* series) {
        return std::ranges::any_of(series->points,
                                   [&](const Point& point) { return shares_cores(study, point); });
    });
}

std::vector<LegendEntry> legend_of(const SeriesGroup& group, bool with_curves) {
    std::vector<LegendEntry> legend;
    for (std::size_t at = 0; at < group.size(); ++at) {
        legend.push_back({.number = marker_of(at, false) - 1,
                          .paint = paint_of(Paint::series, at),
                          .text = group[at]->name});
    }
    for (std::size_t at = 0; with_curves && at < group.size(); ++at) {
        if (group.size() > 2 && !group[at]->curve.empty()) {
            legend.push_back(
                {.symbol = Symbol::band, .text = "fits of laws, in the series' colours"});
            break;
        }
        if (!group[at]->curve.empty() && !group[at]->fits.empty()) {
            legend.push_back({.symbol = Symbol::band,
                              .paint = paint_of(Paint::series, at),
                              .text = group[at]->fits.back().law + " fit" +
                                      (group.size() > 1 ? ": " + group[at]->name : "")});
        }
    }
    return legend;
}

LegendEntry ideal(const std::string& text) {
    return {.symbol = Symbol::line, .dashes = ideal_dashes, .text = text};
}

/// "(2,3)", as gnuplot writes it, in SVG's way.
std::string svg_dashes(std::string dashes) {
    std::erase(dashes, '(');
    std::erase(dashes, ')');
    return dashes;
}

std::string sentence_on_points(const Study& study, const SeriesGroup& group) {
    std::string text =
        " Markers are medians, bars their intervals; points are not joined, since "
        "nothing was measured between them.";
    if (group.size() > 1) {
        text += " Series with the same number of workers stand side by side.";
    }
    if (has_open_markers(study, group)) {
        text += fmt::format(
            " Open markers: more workers than cores (SMT) or CPUs for them, so that workers share "
            "these. The shade is where the machine has too few: {} cores, {} CPUs.",
            study.environment.usable_cores, study.environment.usable_cpus);
    }
    return text;
}

std::string numbered(const std::string& title, std::size_t number, std::size_t of) {
    return of < 2 ? title : fmt::format("{}, {} of {}", title, number + 1, of);
}

std::string words_on(const Study& study, const SeriesGroup& group,
                     std::optional<Estimate> Point::*member, Format format) {
    std::string text;
    for (const Series* const series : group) {
        for (const Point& point : series->points) {
            if (&point == &series->points.back() && point.*member) {
                text += fmt::format(
                    " {}: {} with {}.", series->name, estimate_text(*(point.*member), format),
                    counted(static_cast<std::uint64_t>(workers_of(study, point)), "worker"));
            }
        }
    }
    return text;
}

Figure speedup_figure(const Study& study, const SeriesGroup& group) {
    Figure figure{.legend = legend_of(group, true),
                  .wide_script = speedup_script(study, group, Width::wide),
                  .narrow_script = speedup_script(study, group, Width::narrow)};
    figure.legend.push_back(ideal("ideal: as many times as workers"));
    const std::vector<MemoryBound> bounds = memory_bounds(study.environment);
    for (std::size_t at = 0; at < bounds.size(); ++at) {
        figure.legend.push_back({.symbol = Symbol::line,
                                 .paint = paint_of(Paint::bound),
                                 .dashes = svg_dashes(memory_dashes(at)),
                                 .text = "memory bound, pins " + bounds[at].pin});
    }
    figure.label = speedup_name(study) + " over the number of workers, both logarithmic." +
                   words_on(study, group, &Point::speedup, number_text);
    figure.caption = "Both axes are logarithmic." + sentence_on_points(study, group);
    if (!bounds.empty()) {
        figure.caption +=
            " A job that does nothing but read memory gains no more over one worker "
            "than the memory bound.";
    }
    return figure;
}

Figure efficiency_figure(const Study& study, const SeriesGroup& group) {
    Figure figure{.legend = legend_of(group, false),
                  .wide_script = efficiency_script(study, group, Width::wide),
                  .narrow_script = efficiency_script(study, group, Width::narrow)};
    figure.legend.push_back(ideal("ideal"));
    figure.label = "Efficiency over the number of workers." +
                   words_on(study, group, &Point::efficiency, percent_text);
    figure.caption = "Efficiency is the " + speedup_name(study) + " over the number of workers." +
                     sentence_on_points(study, group);
    return figure;
}

Table time_table(const Study& study, const SeriesGroup& group, const std::vector<TimePart>& parts) {
    Table table{
        "The medians of each part of the time, with their intervals", {"series", "workers"}, {}};
    for (const TimePart& part : parts) {
        table.columns.push_back(part.name);
        table.columns.emplace_back("interval");
    }
    for (const Series* const series : group) {
        for (const Point& point : series->points) {
            std::vector<std::string> row{series->name, std::to_string(workers_of(study, point))};
            for (const TimePart& part : parts) {
                const std::optional<Estimate> estimate = part.shown(point);
                row.push_back(estimate ? seconds_text(estimate->value) : "unknown");
                row.push_back(estimate ? interval_text(*estimate, seconds_text) : "–");
            }
            table.rows.push_back(std::move(row));
        }
    }
    return table;
}

Figure time_figure(const Study& study, const Analysis& analysis, const SeriesGroup& group) {
    Figure figure{.legend = legend_of(group, false),
                  .wide_script = time_script(study, analysis, group, Width::wide),
                  .narrow_script = time_script(study, analysis, group, Width::narrow)};
    const std::vector<TimePart> parts = time_parts(analysis);
    if (analysis.base) {
        figure.legend.push_back(ideal(study.options.scaling == Scaling::weak
                                          ? "the base's time"
                                          : "the base's time over the workers"));
    }
    std::string names;
    for (const TimePart& part : parts) {
        names += (names.empty() ? "" : ", ") + part.name;
    }
    figure.label = "Time over the number of workers, both logarithmic: " + names + "." +
                   words_on(study, group, &Point::job_seconds, seconds_text);
    figure.caption =
        "The parts of a run: the whole command from before its start to its end, and of it the job "
        "on an existing pool, and the making of the pool, where the program tells them." +
        sentence_on_points(study, group);
    figure.data = time_table(study, group, parts);
    return figure;
}

bool any_has(const SeriesGroup& group, std::optional<Estimate> Point::*member) {
    return std::ranges::any_of(group, [&](const Series* series) {
        return std::ranges::any_of(series->points,
                                   [&](const Point& point) { return (point.*member).has_value(); });
    });
}

}  // namespace

void write_scaling(Html& html, Figures& figures, const Study& study, const Analysis& analysis) {
    const std::vector<SeriesGroup> groups = series_groups(analysis);
    const auto each = [&](const std::string& title, auto figure_of) {
        for (std::size_t at = 0; at < groups.size(); ++at) {
            std::optional<Figure> figure = figure_of(groups[at]);
            if (figure) {
                figure->title = numbered(title, at, groups.size());
                figure->leaves = at == 0 ? 0 : bytes_of_other_sections;
                figures.write(html, *figure);
            }
        }
    };
    const auto section = html.in("section", {{"id", "scaling"}});
    html.element("h2", "How it scales");
    const bool is_weak = study.options.scaling == Scaling::weak;
    each(is_weak ? "Scaled speedup" : "Speedup", [&](const SeriesGroup& group) {
        return any_has(group, &Point::speedup) ? std::optional(speedup_figure(study, group))
                                               : std::nullopt;
    });
    write_points(html, study, analysis);
    write_laws(html, study, analysis);
    each("Efficiency", [&](const SeriesGroup& group) {
        return any_has(group, &Point::efficiency) ? std::optional(efficiency_figure(study, group))
                                                  : std::nullopt;
    });
    each("Time", [&](const SeriesGroup& group) {
        return std::optional(time_figure(study, analysis, group));
    });
}

}  // namespace pinfold::apps::report
