#include "study/law_fits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "statistics/law_intervals.hpp"

namespace pinfold::apps {

namespace {

/// Below this probability the points are not noise about the law.
constexpr double surely_no_fit = 0.01;
/// The curve goes on to twice the most workers that were measured, where a reader sees that the
/// band opens.
constexpr double beyond_the_data = 2;
constexpr int curve_points = 40;

std::string_view name_of(Law law) {
    return law == Law::amdahl ? "Amdahl" : "USL";
}

std::string percent(double share) {
    return fmt::format("{:.3g} %", 100 * share);
}

std::vector<TimesOf> times_within(const Series& series, const MeasuredStudy& measured) {
    std::vector<TimesOf> times;
    for (const Point& point : series.points) {
        const Configuration& configuration = measured.study().configurations[point.configuration];
        if (!configuration.beyond && point.samples > 0) {
            times.push_back(
                {configuration.workers, measured.seconds_of_unit_work(point.configuration)});
        }
    }
    return times;
}

LawFit law_fit(const FittedLaw& fitted, const LawData& data) {
    LawFit found{.law = std::string(name_of(fitted.law)),
                 .contention = contention_interval(fitted, data),
                 .seconds_of_one = fitted.at.of_one,
                 .peak_workers = peak_workers(fitted.at),
                 .residual = residual(fitted, data)};
    if (fitted.law == Law::usl) {
        found.crosstalk = crosstalk_interval(fitted, data);
    }
    return found;
}

/// Numbers of workers that are about as far apart on a logarithmic axis, whole ones where they can
/// be.
std::set<double> curve_workers(double most) {
    std::set<double> workers{1};
    const double last = most * beyond_the_data;
    for (int step = 1; step < curve_points; ++step) {
        const double at = std::pow(last, static_cast<double>(step) / (curve_points - 1));
        workers.insert(at >= 10 ? std::round(at) : std::round(at * 4) / 4);
    }
    return workers;
}

std::vector<CurvePoint> curve_of(const FittedLaw& fitted, const LawData& data,
                                 double base_seconds) {
    std::vector<CurvePoint> curve;
    for (const double workers : curve_workers(data.groups.back().workers)) {
        const Estimate seconds = curve_interval(fitted, data, workers);
        curve.push_back({.workers = workers,
                         .speedup = {.value = base_seconds / seconds.value,
                                     .low = base_seconds / seconds.high,
                                     .high = base_seconds / seconds.low,
                                     .level = seconds.level}});
    }
    return curve;
}

void find_bounds(Series& series, const LawFit& law) {
    if (law.contention.value <= 0) {
        series.findings.push_back(fmt::format(
            "{}: contention is on its bound at 0: the data show no serial share; it may be up to "
            "{}.",
            law.law, percent(law.contention.high)));
    } else if (law.contention.value >= 1) {
        series.findings.push_back(fmt::format(
            "{}: contention is on its bound at 1: more workers do not make it quicker.", law.law));
    } else if (law.contention.low <= 0) {
        series.findings.push_back(
            fmt::format("{}: the interval of the contention includes 0: the data cannot tell "
                        "whether there is any.",
                        law.law));
    }
}

void find_peak(Series& series, const LawFit& law, double most_workers) {
    if (law.crosstalk->value <= 0) {
        series.findings.emplace_back(
            "USL: crosstalk is on its bound at 0: the data show none, so the law has no peak.");
    } else if (law.crosstalk->low <= 0) {
        series.findings.emplace_back(
            "USL: the interval of the crosstalk includes 0: the data cannot tell whether there is "
            "any, nor whether there is a peak.");
    }
    if (law.peak_workers && *law.peak_workers > most_workers) {
        series.findings.push_back(fmt::format(
            "USL: the peak at {:.4g} workers is beyond the {:.0f} that were measured: it is the "
            "law's guess, not a measurement.",
            *law.peak_workers, most_workers));
    }
}

void find_lack_of_fit(Series& series, const FittedLaw& fitted, const LawData& data) {
    const auto probability = lack_of_fit(fitted, data);
    if (probability && *probability < surely_no_fit) {
        series.findings.push_back(fmt::format(
            "{} does not describe these points: they lie further from its curve than the noise of "
            "the repetitions explains (F test, p = {:.2g}), and the intervals of its coefficients "
            "say little.",
            name_of(fitted.law), *probability));
    }
}

void find_too_few(Series& series, std::size_t numbers, bool amdahl) {
    const std::string there_are =
        fmt::format("there {} {} within the machine's CPUs", numbers == 1 ? "is" : "are", numbers);
    if (amdahl && numbers <= 2) {
        series.findings.push_back(
            "No scaling law is fitted: Amdahl's needs 3 numbers of workers and the USL 4, and " +
            there_are + ".");
    } else if (numbers <= 3) {
        series.findings.push_back("The USL is not fitted: it needs 4 numbers of workers, and " +
                                  there_are + ".");
    }
}

}  // namespace

double LawFit::speedup(double workers, double base_seconds) const {
    const Coefficients at{.contention = contention.value,
                          .crosstalk = crosstalk ? crosstalk->value : 0,
                          .of_one = seconds_of_one};
    return base_seconds / (seconds_of_one * relative_time(at, workers));
}

void fit_laws(Series& series, const MeasuredStudy& measured, std::optional<double> base_seconds) {
    const LawData data = log_times(times_within(series, measured));
    // Amdahl's law is about a fixed work; the USL about throughput, which weak scaling has too.
    const bool strong = measured.study().options.scaling == Scaling::strong;
    find_too_few(series, data.groups.size(), strong);
    for (const Law law : {Law::amdahl, Law::usl}) {
        const auto needed = static_cast<std::size_t>(FittedLaw{.law = law}.coefficients());
        if (data.groups.size() <= needed || (law == Law::amdahl && !strong)) {
            continue;
        }
        const FittedLaw fitted = fit(law, data);
        series.fits.push_back(law_fit(fitted, data));
        find_bounds(series, series.fits.back());
        if (law == Law::usl) {
            find_peak(series, series.fits.back(), data.groups.back().workers);
        }
        find_lack_of_fit(series, fitted, data);
        if (base_seconds) {
            series.curve = curve_of(fitted, data, *base_seconds);
        }
    }
}

}  // namespace pinfold::apps
