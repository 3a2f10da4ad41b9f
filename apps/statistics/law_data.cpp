#include "statistics/law_data.hpp"

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

namespace pinfold::apps {

namespace {

void check(int workers, double measured) {
    if (workers < 1) {
        throw std::invalid_argument("a scaling law begins at 1 worker, not at " +
                                    std::to_string(workers));
    }
    if (!std::isfinite(measured) || measured <= 0) {
        throw std::invalid_argument("a scaling law needs measures above 0; one of " +
                                    std::to_string(workers) + " workers is " +
                                    std::to_string(measured));
    }
}

/// Groups of values, with their means and what is left within.
LawData grouped(LawData::Kind kind, const std::map<int, std::vector<double>>& values_of) {
    LawData data{.kind = kind};
    for (const auto& [workers, values] : values_of) {
        const auto count = static_cast<double>(values.size());
        double sum = 0;
        for (const double value : values) {
            sum += value;
        }
        const double mean = sum / count;
        for (const double value : values) {
            data.within += (value - mean) * (value - mean);
        }
        data.groups.push_back(
            {.workers = static_cast<double>(workers), .mean = mean, .weight = count});
        data.samples += count;
    }
    return data;
}

}  // namespace

LawData log_times(std::span<const TimesOf> times) {
    std::map<int, std::vector<double>> logs;
    for (const TimesOf& group : times) {
        for (const double seconds : group.seconds) {
            check(group.workers, seconds);
            logs[group.workers].push_back(std::log(seconds));
        }
    }
    return grouped(LawData::Kind::log_times, logs);
}

LawData throughputs(std::span<const ThroughputOf> throughputs) {
    std::map<int, std::vector<double>> values;
    for (const ThroughputOf& point : throughputs) {
        check(point.workers, point.throughput);
        values[point.workers].push_back(point.throughput);
    }
    return grouped(LawData::Kind::throughputs, values);
}

}  // namespace pinfold::apps
