#include "compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "compare/likeness.hpp"
#include "statistics/median.hpp"
#include "statistics/rank_test.hpp"

namespace pinfold::apps {

namespace {

constexpr double false_alarms = 0.05;

const Measurement* find(const Measurements& measurements, const std::string& name) {
    const auto found = std::ranges::find(measurements.all, name, &Measurement::name);
    return found == measurements.all.end() ? nullptr : &*found;
}

Change change_of(const std::string& name, const std::vector<double>& before,
                 const std::vector<double>& after) {
    const RankTest test = rank_test(before, after, 1 - false_alarms);
    return {.name = name,
            .samples_before = before.size(),
            .samples_after = after.size(),
            .before = median_interval(before),
            .after = median_interval(after),
            .ratio = test.ratio,
            .probability = test.probability};
}

Verdict verdict_of(const Change& change, double threshold) {
    if (change.ratio.level <= 0) {
        return Verdict::too_few;
    }
    if (change.of_all > false_alarms || change.ratio.value == 1) {
        return Verdict::no_change;
    }
    if (change.ratio.value < 1) {
        return Verdict::faster;
    }
    return change.ratio.high >= 1 + threshold ? Verdict::worse : Verdict::slower;
}

void judge(Comparison& comparison) {
    std::vector<double> probabilities;
    for (const Change& change : comparison.changes) {
        probabilities.push_back(change.probability);
    }
    const std::vector<double> of_all = holm(probabilities);
    for (std::size_t index = 0; index < of_all.size(); ++index) {
        Change& change = comparison.changes[index];
        change.of_all = of_all[index];
        change.verdict = verdict_of(change, comparison.threshold);
    }
}

std::string measure_of(const Measurements& before, const Measurements& after) {
    if (before.kind == Measurements::Kind::google_benchmark) {
        return "real time";
    }
    return before.tells_jobs() && after.tells_jobs() ? "job" : "command";
}

void warn(Comparison& comparison, const Measurements& before, const Measurements& after) {
    for (const Measurements* side : {&before, &after}) {
        comparison.warnings.insert(comparison.warnings.end(), side->warnings.begin(),
                                   side->warnings.end());
    }
    for (const std::string& difference : differences(before.machine, after.machine)) {
        comparison.warnings.push_back("another machine, or another state of it: " + difference);
    }
    if (before.kind == Measurements::Kind::study && before.tells_jobs() != after.tells_jobs()) {
        comparison.warnings.emplace_back(
            "only one of both tells how long jobs took, so whole commands are compared");
    }
}

/// A base or a peer may be another program now; the command may not.
bool is_same_work(Comparison& comparison, const Measurement& before, const Measurement& after) {
    if (!before.is_the_command && before.work != after.work) {
        comparison.warnings.push_back(
            fmt::format("'{}' runs another program now ('{}', was '{}') "
                        "and is not compared",
                        after.name, after.work, before.work));
        return false;
    }
    refuse_unlike(before, after);
    // It may have printed a time.
    if (before.printed != after.printed) {
        comparison.warnings.push_back(
            fmt::format("the runs of '{}' do not print the same as before", after.name));
    }
    return true;
}

void pair_up(Comparison& comparison, const Measurements& before, const Measurements& after) {
    const bool jobs = comparison.measure == "job";
    for (const Measurement& earlier : before.all) {
        const Measurement* const later = find(after, earlier.name);
        if (later == nullptr) {
            comparison.only_before.push_back(earlier.name);
        } else if (is_same_work(comparison, earlier, *later)) {
            comparison.changes.push_back(
                jobs ? change_of(earlier.name, earlier.job_seconds, later->job_seconds)
                     : change_of(earlier.name, earlier.seconds, later->seconds));
        }
    }
    for (const Measurement& later : after.all) {
        if (find(before, later.name) == nullptr) {
            comparison.only_after.push_back(later.name);
        }
    }
}

}  // namespace

std::size_t Comparison::count(Verdict verdict) const {
    return static_cast<std::size_t>(std::ranges::count(changes, verdict, &Change::verdict));
}

Comparison compare(const Measurements& before, const Measurements& after, double threshold) {
    refuse_unlike(before, after);
    Comparison comparison{.measure = measure_of(before, after), .threshold = threshold};
    warn(comparison, before, after);
    pair_up(comparison, before, after);
    if (comparison.changes.empty()) {
        throw std::invalid_argument(
            fmt::format("{} and {} have no configuration in common", before.origin, after.origin));
    }
    comparison.program = differences(before.program, after.program);
    judge(comparison);
    return comparison;
}

}  // namespace pinfold::apps
