#include "report/sections/points.hpp"

#include <algorithm>
#include <cmath>

#include "report/html/numbers.hpp"
#include "report/html/table.hpp"
#include "report/look_up.hpp"

namespace pinfold::apps::report {

namespace {

// A page stays below 300 KB: of a curve that many rows tell all.
constexpr std::size_t most_curve_rows = 12;

std::string mark(const Configuration* configuration) {
    if (configuration == nullptr) {
        return "";
    }
    return configuration->beyond ? " (> CPUs)" : configuration->smt ? " (SMT)" : "";
}

std::string or_dash(const std::optional<Estimate>& estimate, Format format) {
    return estimate ? format(estimate->value) : "–";
}

std::string interval_or_dash(const std::optional<Estimate>& estimate, Format format) {
    return estimate ? interval_text(*estimate, format) : "–";
}

std::vector<std::string> row_of(const Study& study, const Series& series, const Point& point) {
    const Configuration* const configuration = find_configuration(study, point.configuration);
    return {series.name,
            std::to_string(workers_of(study, point)) + mark(configuration),
            std::to_string(point.samples),
            seconds_text(point.seconds.value),
            interval_text(point.seconds, seconds_text),
            level_text(point.seconds),
            or_dash(point.speedup, number_text),
            interval_or_dash(point.speedup, number_text),
            or_dash(point.efficiency, percent_text),
            point.karp_flatt ? number_text(*point.karp_flatt) : "–",
            point.narrow ? "yes" : "no"};
}

std::vector<std::string> law_row(const Series& series, const LawFit& fit) {
    const auto peak = fit.peak_workers ? number_text(*fit.peak_workers) : "none";
    return {series.name,
            fit.law,
            percent_text(fit.contention.value),
            interval_text(fit.contention, percent_text),
            fit.crosstalk ? number_text(fit.crosstalk->value) : "–",
            fit.crosstalk ? interval_text(*fit.crosstalk, number_text) : "–",
            seconds_text(fit.seconds_of_one),
            peak,
            percent_text(fit.residual)};
}

Table curve_table(const Analysis& analysis) {
    Table table{"Speedup that each fitted law says",
                {"series", "workers", "speedup", "interval", "level"},
                {}};
    for (const Series& series : analysis.series) {
        const std::size_t every = std::max<std::size_t>(1, series.curve.size() / most_curve_rows);
        for (std::size_t at = 0; at < series.curve.size(); at += every) {
            const CurvePoint& point = series.curve[at];
            table.rows.push_back(
                {series.name, number_text(point.workers), number_text(point.speedup.value),
                 interval_text(point.speedup, number_text), level_text(point.speedup)});
        }
    }
    return table;
}

double middle(const std::vector<double>& sorted) {
    return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
}

std::string median_or_unknown(const Study& study, std::size_t configuration,
                              std::optional<double> Sample::*member, Format format) {
    const auto numbers = numbers_of(study, configuration, member);
    return numbers.empty() ? "unknown" : format(middle(numbers));
}

std::string largest_or_unknown(const Study& study, std::size_t configuration,
                               std::optional<double> Sample::*member, Format format) {
    const auto numbers = numbers_of(study, configuration, member);
    return numbers.empty() ? "unknown" : format(numbers.back());
}

std::string instructions_of_a_cycle(const Study& study, std::size_t configuration) {
    std::vector<double> ratios;
    for (const Sample& sample : study.samples) {
        if (sample.configuration == configuration && sample.cycles && sample.instructions &&
            *sample.cycles > 0) {
            ratios.push_back(*sample.instructions / *sample.cycles);
        }
    }
    std::ranges::sort(ratios);
    return ratios.empty() ? "unknown" : number_text(middle(ratios));
}

std::vector<std::string> usage_row(const Study& study, std::size_t configuration) {
    const auto median = [&](std::optional<double> Sample::*member, Format format) {
        return median_or_unknown(study, configuration, member, format);
    };
    const auto largest = [&](std::optional<double> Sample::*member, Format format) {
        return largest_or_unknown(study, configuration, member, format);
    };
    return {study.configurations[configuration].name(),
            median(&Sample::rss_bytes, bytes_text),
            median(&Sample::pss_bytes, bytes_text),
            median(&Sample::arena_bytes, bytes_text),
            median(&Sample::cycles, number_text),
            instructions_of_a_cycle(study, configuration),
            median(&Sample::llc_misses, number_text),
            median(&Sample::migrations, number_text),
            median(&Sample::page_faults, number_text),
            largest(&Sample::throttled_seconds, seconds_text),
            largest(&Sample::steal_seconds, seconds_text),
            largest(&Sample::load, number_text)};
}

/// What the column of that name says; nothing where every interval counts as wide.
std::string what_is_narrow(double share) {
    return share > 0 ? " Narrow: the median's interval is within " + percent_text(share) +
                           " of the median."
                     : "";
}

}  // namespace

void write_points(Html& html, const Study& study, const Analysis& analysis) {
    Table table{
        "Every point: the median time, what it comes to, and the exact level of each "
        "median's interval",
        {"series", "workers", "samples", "median time", "interval", "level", speedup_name(study),
         "interval", "efficiency", "Karp-Flatt", "narrow"},
        {}};
    for (const Series& series : analysis.series) {
        for (const Point& point : series.points) {
            table.rows.push_back(row_of(study, series, point));
        }
    }
    if (table.rows.empty()) {
        html.element("p", "No sample was taken yet, so there is nothing to show.");
        return;
    }
    write_table(html, table);
    html.element(
        "p",
        "A median's interval lies between two of its samples in their order, and its level "
        "is exact; below six samples there is none. Intervals of speedup and efficiency "
        "come from a bootstrap of both medians. Karp-Flatt is the serial share that the "
        "speedup says; where it rises with the workers, their overhead grows." +
            what_is_narrow(study.options.narrow_enough),
        {{"class", "muted"}});
}

void write_laws(Html& html, const Study& study, const Analysis& analysis) {
    Table table{"Scaling laws, fitted to the medians",
                {"series", "law", "contention", "interval", "crosstalk", "interval",
                 "time of one worker", "quickest at", "residual"},
                {}};
    for (const Series& series : analysis.series) {
        for (const LawFit& fit : series.fits) {
            table.rows.push_back(law_row(series, fit));
        }
    }
    html.element("h3", "Scaling laws");
    if (table.rows.empty()) {
        html.element("p", "No law was fitted: a series needs more numbers of workers for that.");
        return;
    }
    write_table(html, table);
    const bool is_weak = study.options.scaling == Scaling::weak;
    html.element(
        "p",
        std::string("Contention is the share of the work that is serial. Crosstalk is what "
                    "each pair of workers costs. Both cannot be below 0. ") +
            (is_weak ? "The work grew with the workers, so the laws tell what the same "
                       "work would have taken."
                     : "A law says what happens between the points. Beyond the last one "
                       "it is an extrapolation."),
        {{"class", "muted"}});
    write_folded_table(html, "The curves as numbers", curve_table(analysis));
}

void write_usage(Html& html, const Study& study) {
    Table table{"What the runs used: medians; of throttling, steal and load the largest",
                {"configuration", "RSS", "PSS", "arena", "cycles", "instructions a cycle",
                 "LLC misses", "migrations", "page faults", "throttled", "steal", "load"},
                {}};
    for (std::size_t at = 0; at < study.configurations.size(); ++at) {
        table.rows.push_back(usage_row(study, at));
    }
    write_folded_table(html, "Memory, cycles, faults and throttling of the runs", table);
}

}  // namespace pinfold::apps::report
