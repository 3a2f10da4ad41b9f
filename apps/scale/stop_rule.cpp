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

std::string note_on_early_end(const Study& study) {
    const std::size_t all = study.configurations.size();
    const auto wanted = static_cast<std::size_t>(study.options.repetitions) * all;
    if (study.samples.size() >= wanted) {
        return "";
    }
    return fmt::format(
        "The study ended after {} of {} repetitions: every interval is within {:.2g} % of its "
        "median.",
        study.samples.size() / all, study.options.repetitions, 100 * study.options.narrow_enough);
}

}  // namespace pinfold::apps
