#include "study/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "statistics/median.hpp"

namespace pinfold::apps {

namespace {

constexpr int fewest_samples = 6;      // for an interval of 95 %
constexpr double much_noise = 0.05;    // the middle half of the times, of their median
constexpr double short_seconds = 0.1;  // shorter runs measure the start of processes
constexpr double much_steal = 0.01;    // of the CPUs' time
constexpr double much_load = 0.5;      // processes of others

const Configuration& configuration_of(const MeasuredStudy& measured, const Point& point) {
    return measured.study().configurations[point.configuration];
}

/// "2, 4 and 8 workers", of the points that are meant; empty for none.
std::string workers_of(const Series& series, const MeasuredStudy& measured,
                       const std::function<bool(const Point&, const Configuration&)>& is_meant) {
    std::vector<int> meant;
    for (const Point& point : series.points) {
        const Configuration& configuration = configuration_of(measured, point);
        if (is_meant(point, configuration)) {
            meant.push_back(configuration.workers);
        }
    }
    std::string text;
    for (std::size_t index = 0; index < meant.size(); ++index) {
        text += index == 0 ? "" : index + 1 == meant.size() ? " and " : ", ";
        text += std::to_string(meant[index]);
    }
    return meant.empty() ? "" : text + (meant == std::vector{1} ? " worker" : " workers");
}

/// The middle half of the times, as a share of their median.
double spread_of(std::vector<double> seconds) {
    std::ranges::sort(seconds);
    const std::size_t quarter = seconds.size() / 4;
    return (seconds[seconds.size() - 1 - quarter] - seconds[quarter]) / median(seconds);
}

/// Adds the sentence unless no point is meant.
void add(Series& series, const MeasuredStudy& measured, std::string_view sentence,
         const std::function<bool(const Point&, const Configuration&)>& is_meant) {
    const std::string workers = workers_of(series, measured, is_meant);
    if (!workers.empty()) {
        series.findings.push_back(fmt::format(fmt::runtime(sentence), workers));
    }
}

void find_samples(Series& series, const MeasuredStudy& measured) {
    add(series, measured, "With {}: no sample.",
        [](const Point& point, const Configuration&) { return point.samples == 0; });
    add(series, measured,
        "With {}: fewer than 6 samples, so there is no 95 % interval, and differences may be "
        "noise.",
        [](const Point& point, const Configuration&) {
            return point.samples > 0 && point.samples < fewest_samples;
        });
    const double enough = measured.study().options.narrow_enough;
    add(series, measured,
        fmt::format("With {{}}: the interval of the median is wider than the {:.3g} % on each side "
                    "that were asked for.",
                    100 * enough),
        [enough](const Point& point, const Configuration&) {
            // Where 0 % was asked for, all repetitions were.
            return enough > 0 && point.samples >= fewest_samples && !point.narrow;
        });
    add(series, measured,
        "With {}: the middle half of the times spreads over more than 5 % of the median: the "
        "machine was not quiet, or the program is not steady.",
        [&](const Point& point, const Configuration&) {
            return point.samples >= fewest_samples &&
                   spread_of(measured.seconds_of_unit_work(point.configuration)) > much_noise;
        });
    add(series, measured,
        "With {}: runs take less than 0.1 s, so starts of processes are much of the time.",
        [&](const Point& point, const Configuration&) {
            return point.samples > 0 && point.command_seconds.value < short_seconds;
        });
}

void find_places(Series& series, const MeasuredStudy& measured) {
    add(series, measured,
        "With {} there are more workers than usable cores: they share cores (SMT), and a law "
        "fitted "
        "through such points takes that for contention.",
        [](const Point&, const Configuration& configuration) {
            return configuration.smt && !configuration.beyond;
        });
    add(series, measured,
        "With {} there are more workers than CPUs for them: these points show what that costs, and "
        "are left out of the fits.",
        [](const Point&, const Configuration& configuration) { return configuration.beyond; });
}

void find_speedups(Series& series, const MeasuredStudy& measured) {
    const auto has_speedup = [](const Point& point) {
        return point.speedup && point.speedup->level > 0;
    };
    add(series, measured,
        "With {}: the interval of the speedup includes 1: the data cannot tell whether it is "
        "quicker or slower than the base.",
        [&](const Point& point, const Configuration& configuration) {
            return has_speedup(point) && configuration.workers > 1 && point.speedup->low <= 1 &&
                   point.speedup->high >= 1;
        });
    add(series, measured, "With {} it is slower than the base.",
        [&](const Point& point, const Configuration& configuration) {
            return has_speedup(point) && configuration.workers > 1 && point.speedup->high < 1;
        });
    add(series, measured,
        "With {} the speedup is more than linear: each worker's data fits into its caches, or the "
        "base is not the best serial program.",
        [&](const Point& point, const Configuration& configuration) {
            return has_speedup(point) && !is_serial(configuration) &&
                   point.speedup->low > configuration.workers;
        });
}

/// Adds up what samples tell.
struct Sum {
    double sum = 0;
    double most = 0;
    int above_zero = 0;

    void add(std::optional<double> value) {
        sum += value.value_or(0);
        most = std::max(most, value.value_or(0));
        above_zero += value.value_or(0) > 0 ? 1 : 0;
    }
};

void find_disturbances(Analysis& analysis, const Study& study) {
    Sum throttled;
    Sum steal;
    Sum load;
    Sum deaths;
    double cpu_seconds = 0;
    for (const Sample& sample : study.samples) {
        throttled.add(sample.throttled_seconds);
        steal.add(sample.steal_seconds);
        load.add(sample.load);
        deaths.add(sample.deaths ? std::optional<double>(*sample.deaths) : std::nullopt);
        cpu_seconds += sample.command_seconds * study.environment.usable_cpus;
    }
    const auto runs = study.samples.size();
    if (throttled.above_zero > 0) {
        analysis.findings.push_back(fmt::format(
            "A CPU quota of the cgroup held {} of {} runs back, for {:.3g} s in all: their times "
            "are the quota's, not the program's.",
            throttled.above_zero, runs, throttled.sum));
    }
    if (steal.sum > much_steal * cpu_seconds) {
        analysis.findings.push_back(
            fmt::format("The hypervisor took {:.3g} % of the CPUs' time during the runs: other "
                        "guests disturb these figures.",
                        100 * steal.sum / cpu_seconds));
    }
    if (load.most > much_load) {
        analysis.findings.push_back(fmt::format(
            "Other programs were running: up to {:.3g} at the begin of a run.", load.most));
    }
    if (deaths.above_zero > 0) {
        analysis.findings.push_back(
            fmt::format("Workers died in {} of {} runs; their times include what was done again.",
                        deaths.above_zero, runs));
    }
}

void find_missing(Analysis& analysis, const MeasuredStudy& measured) {
    const Study& study = measured.study();
    const auto tells_job = std::ranges::count_if(
        study.samples, [](const Sample& sample) { return sample.job_seconds.has_value(); });
    if (!analysis.base) {
        analysis.findings.emplace_back(
            "No serial program was measured, so there is no speedup. A parallel program with one "
            "worker would not do: it hides what being parallel costs.");
    }
    if (analysis.measure == "command" && tells_job > 0) {
        analysis.findings.push_back(fmt::format(
            "Only {} of {} runs tell how long their job took, so the times of whole commands are "
            "compared, starts of processes and pools included.",
            tells_job, study.samples.size()));
    }
    if (!study.complete) {
        analysis.findings.emplace_back(
            "The study is not complete: it was interrupted, or is still running.");
    }
}

/// The base should be the best; where one worker of something else is quicker, it is not.
void find_better_base(Analysis& analysis, const MeasuredStudy& measured) {
    for (const Series& series : analysis.series) {
        for (const Point& point : series.points) {
            const Configuration& configuration = configuration_of(measured, point);
            if (configuration.workers == 1 && !is_serial(configuration) && point.speedup &&
                point.speedup->level > 0 && point.speedup->low > 1) {
                analysis.findings.push_back(fmt::format(
                    "{} is quicker than the base, {}: the base is not the best serial program, and "
                    "the speedups flatter.",
                    configuration.name(), analysis.base_name));
            }
        }
    }
}

}  // namespace

void find_in_series(Series& series, const MeasuredStudy& measured) {
    find_samples(series, measured);
    find_places(series, measured);
    find_speedups(series, measured);
}

void find_in_study(Analysis& analysis, const MeasuredStudy& measured) {
    find_missing(analysis, measured);
    find_better_base(analysis, measured);
    find_disturbances(analysis, measured.study());
}

}  // namespace pinfold::apps
