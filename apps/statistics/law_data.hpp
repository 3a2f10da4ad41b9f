#pragma once

#include <span>
#include <vector>

namespace pinfold::apps {

/// The times that so many workers took for the same work.
struct TimesOf {
    int workers = 1;
    std::vector<double> seconds;
};

/// How much so many workers did in a second.
struct ThroughputOf {
    int workers = 1;
    double throughput = 0;
};

/// What a scaling law is fitted to: a mean for each number of workers, and what is left within.
struct LawData {
    enum class Kind { log_times, throughputs };

    struct Group {
        double workers = 1;
        double mean = 0;
        double weight = 1;  ///< how many samples it is the mean of
    };

    Kind kind = Kind::log_times;
    std::vector<Group> groups;  ///< by rising workers, each number once
    double within = 0;          ///< the sum of squares of the samples about their groups' means
    double samples = 0;
};

/// Means of the logarithm of time. The noise of a time is about proportional to it, so errors of
/// logarithms have one size, and one mean a group with the residual within kept says all that the
/// samples say of a law. Groups of the same workers are put together. Throws std::invalid_argument
/// for less than one worker, and for a time that is not finite or not above 0.
[[nodiscard]] LawData log_times(std::span<const TimesOf> times);

/// Throughputs as they are, a sample each, as R's package usl (S. Moeding) fits them. For data that
/// is published so. Throws like log_times().
[[nodiscard]] LawData throughputs(std::span<const ThroughputOf> throughputs);

}  // namespace pinfold::apps
