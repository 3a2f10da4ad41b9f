#pragma once

#include <string>
#include <vector>

#include "compare/measurements.hpp"
#include "statistics/estimate.hpp"

namespace pinfold::apps {

enum class Verdict {
    too_few,    ///< samples: no change could be found
    no_change,  ///< was found; there may be one within the interval
    faster,
    slower,  ///< by less than the threshold for sure
    worse,   ///< slower, and the interval reaches the threshold
};

/// What became of one configuration.
struct Change {
    std::string name;
    std::size_t samples_before = 0;
    std::size_t samples_after = 0;
    Estimate before;         ///< the median, in seconds
    Estimate after;          ///< the same
    Estimate ratio;          ///< of the times, after by before: see RankTest
    double probability = 1;  ///< of the rank test
    double of_all = 1;       ///< the same, corrected for the number of tests: see holm()
    Verdict verdict = Verdict::no_change;
};

/// What differs between two sets of measurements of the same work.
struct Comparison {
    std::string measure;  ///< "job", "command" or "real time"
    double threshold = 0;
    std::vector<Change> changes;
    std::vector<std::string> only_before;  ///< names without a counterpart
    std::vector<std::string> only_after;
    std::vector<std::string> program;  ///< how the programs differ, such as "commit: 3d1 -> 9f2"
    std::vector<std::string> warnings;

    /// How many configurations have the verdict.
    [[nodiscard]] std::size_t count(Verdict verdict) const;
};

/// Compares configurations of the same name. A change is found where a rank test says so at 5 %,
/// corrected by Holm's procedure, so that among all configurations together there is a false alarm
/// in at most one of 20 comparisons without a change. The correction of Benjamini and Hochberg
/// finds more, but promises less where some configurations did change; an exit status needs the
/// promise.
///
/// `threshold` is a share of the time, such as 0.03. A change is worse when it is found, and the
/// interval does not exclude that much. Throws std::invalid_argument for measurements that are not
/// of the same work: another command, method, grain or n, other values, or nothing in common.
[[nodiscard]] Comparison compare(const Measurements& before, const Measurements& after,
                                 double threshold);

/// The comparison as text for people: a table, and what to know about it.
[[nodiscard]] std::string as_text(const Comparison& comparison);

/// The same as one line of JSON, without its end.
[[nodiscard]] std::string as_json(const Comparison& comparison);

}  // namespace pinfold::apps
