#include "study/measured_study.hpp"

#include <algorithm>
#include <functional>

#include "statistics/karp_flatt.hpp"
#include "statistics/median.hpp"
#include "statistics/ratio.hpp"

namespace pinfold::apps {

namespace {

bool is_taken(const Sample& sample, std::size_t configurations) {
    return sample.configuration < configurations && sample.command_seconds > 0;
}

using Samples = std::vector<const Sample*>;
using Look = std::function<std::optional<double>(const Sample&)>;

/// Of what those samples tell that tell it.
std::optional<Estimate> estimate_of(const Samples& samples, const Look& look) {
    std::vector<double> values;
    for (const Sample* sample : samples) {
        if (const auto value = look(*sample)) {
            values.push_back(*value);
        }
    }
    if (values.empty()) {
        return std::nullopt;
    }
    return median_interval(values);
}

Estimate divided(Estimate estimate, double divisor) {
    estimate.value /= divisor;
    estimate.low /= divisor;
    estimate.high /= divisor;
    return estimate;
}

bool is_narrow(const Estimate& estimate, double enough) {
    const double off = std::max(estimate.high - estimate.value, estimate.value - estimate.low);
    return estimate.level > 0 && off <= enough * estimate.value;
}

/// Of a run in the middle: a mean over runs would be of no run.
const Sample& median_run(const MeasuredStudy& measured, const Samples& samples) {
    Samples sorted = samples;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
    std::ranges::nth_element(sorted, middle, {},
                             [&](const Sample* sample) { return measured.seconds(*sample); });
    return **middle;
}

void add_workers(Point& point, const Sample& run) {
    double sum = 0;
    double most = 0;
    for (const WorkerTime& worker : run.workers) {
        sum += worker.busy_seconds;
        most = std::max(most, worker.busy_seconds);
    }
    if (run.workers.empty()) {
        return;
    }
    const double mean = sum / static_cast<double>(run.workers.size());
    point.busy_seconds = mean;
    if (run.job_seconds) {
        point.idle_seconds = std::max(0.0, *run.job_seconds - mean);
    }
    if (mean > 0) {
        point.imbalance = most / mean - 1;
    }
}

void add_speedup(Point& point, const MeasuredStudy& measured, std::size_t base) {
    const Study& study = measured.study();
    const Configuration& configuration = study.configurations[point.configuration];
    point.speedup = ratio_of_medians(measured.seconds_of_unit_work(base),
                                     measured.seconds_of_unit_work(point.configuration),
                                     study.options.seed + point.configuration);
    if (point.configuration == base) {
        // Both medians are the same one, whatever it is.
        point.speedup->low = point.speedup->high = 1;
    }
    point.efficiency = divided(*point.speedup, configuration.workers);
    // The metric asks what share of a fixed work is serial.
    if (configuration.workers > 1 && study.options.scaling == Scaling::strong) {
        point.karp_flatt = karp_flatt(point.speedup->value, configuration.workers);
    }
}

}  // namespace

MeasuredStudy::MeasuredStudy(const Study& study)
    : study_(study), measure_("job"), samples_(study.configurations.size()) {
    bool any = false;
    for (const Sample& sample : study.samples) {
        if (!is_taken(sample, samples_.size())) {
            continue;
        }
        any = true;
        samples_[sample.configuration].push_back(&sample);
        if (sample.job_seconds.value_or(0) <= 0) {
            measure_ = "command";
        }
    }
    if (!any) {
        measure_ = "command";
    }
}

const std::vector<const Sample*>& MeasuredStudy::samples(std::size_t configuration) const {
    return samples_.at(configuration);
}

double MeasuredStudy::seconds(const Sample& sample) const {
    return measure_ == "job" ? *sample.job_seconds : sample.command_seconds;
}

std::vector<double> MeasuredStudy::seconds_of_unit_work(std::size_t configuration) const {
    std::vector<double> seconds;
    for (const Sample* sample : samples(configuration)) {
        seconds.push_back(this->seconds(*sample) / study_.configurations[configuration].work);
    }
    return seconds;
}

std::optional<std::size_t> MeasuredStudy::base() const {
    std::optional<std::size_t> best;
    double least = 0;
    for (std::size_t index = 0; index < study_.configurations.size(); ++index) {
        if (!is_serial(study_.configurations[index]) || samples(index).empty()) {
            continue;
        }
        const double seconds = median(seconds_of_unit_work(index));
        if (!best || seconds < least) {
            best = index;
            least = seconds;
        }
    }
    return best;
}

bool is_serial(const Configuration& configuration) {
    const auto& set = configuration.environment;
    const std::pair<std::string, std::string> serial_crew{"PINFOLD_CREW", "serial"};
    return configuration.role == Role::base ||
           (configuration.role == Role::crew && configuration.workers == 1 &&
            (std::ranges::find(set, serial_crew) != set.end() || configuration.series == "serial" ||
             configuration.series.starts_with("serial,")));
}

Point point_of(const MeasuredStudy& measured, std::size_t configuration,
               std::optional<std::size_t> base) {
    const Samples& samples = measured.samples(configuration);
    Point point{.configuration = configuration, .samples = static_cast<int>(samples.size())};
    if (samples.empty()) {
        return point;
    }
    point.seconds =
        *estimate_of(samples, [&](const Sample& sample) { return measured.seconds(sample); });
    point.command_seconds =
        *estimate_of(samples, [](const Sample& sample) { return sample.command_seconds; });
    point.pool_seconds =
        estimate_of(samples, [](const Sample& sample) { return sample.pool_seconds; });
    point.job_seconds =
        estimate_of(samples, [](const Sample& sample) { return sample.job_seconds; });
    point.narrow = is_narrow(point.seconds, measured.study().options.narrow_enough);
    add_workers(point, median_run(measured, samples));
    if (base) {
        add_speedup(point, measured, *base);
    }
    return point;
}

}  // namespace pinfold::apps
