#include "scale/stop_rule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "statistics/median.hpp"

namespace pinfold::apps {

namespace {

std::vector<double> times_of(const Study& study, std::size_t configuration) {
    std::vector<double> seconds;
    for (const Sample& sample : study.samples) {
        if (sample.configuration == configuration) {
            seconds.push_back(sample.job_seconds.value_or(sample.command_seconds));
        }
    }
    return seconds;
}

std::string percent(double share) {
    return fmt::format("{:.2g} %", 100 * share);
}

}  // namespace

double width_of(const Study& study, std::size_t configuration) {
    const std::vector<double> seconds = times_of(study, configuration);
    if (seconds.empty()) {
        return -1;
    }
    const Estimate median = median_interval(seconds);
    if (median.level == 0 || median.value <= 0) {
        return -1;
    }
    return std::max(median.high - median.value, median.value - median.low) / median.value;
}

bool is_narrow(const Study& study) {
    for (std::size_t i = 0; i < study.configurations.size(); ++i) {
        const double width = width_of(study, i);
        if (width < 0 || width > study.options.narrow_enough) {
            return false;
        }
    }
    return true;
}

std::vector<std::string> notes_on_width(const Study& study) {
    const std::size_t all = study.configurations.size();
    const std::size_t repetitions = all == 0 ? 0 : study.samples.size() / all;
    const std::string enough = percent(study.options.narrow_enough);
    if (is_narrow(study)) {
        return {fmt::format("after {} of {} repetitions every interval is within {} of its median",
                            repetitions, study.options.repetitions, enough)};
    }
    std::size_t widest = 0;
    std::size_t wide = 0;
    for (std::size_t i = 0; i < all; ++i) {
        const double width = width_of(study, i);
        if (width < 0) {
            return {
                fmt::format("{} repetitions are too few for an interval: it takes 6", repetitions)};
        }
        wide += width > study.options.narrow_enough ? 1 : 0;
        widest = width > width_of(study, widest) ? i : widest;
    }
    return {
        fmt::format("after {} repetitions {} of {} intervals are not within {} of their median; "
                    "the widest is {} of {}",
                    repetitions, wide, all, enough, percent(width_of(study, widest)),
                    study.configurations[widest].name())};
}

}  // namespace pinfold::apps
