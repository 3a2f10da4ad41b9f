#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/rounds.hpp"

namespace bench {

/// One timed job.
struct Job {
    double seconds = 0;
    double share = 1;  ///< of the chunks, run by the party that ran the fewest
};

/// The jobs of a case in one round of its contest.
using Block = std::vector<Job>;

/// The blocks of a case, one for each round.
using Blocks = std::vector<Block>;

/// The values that a quarter, half and three quarters of all values do not exceed.
struct Quartiles {
    double lower = 0;
    double middle = 0;
    double upper = 0;

    friend bool operator==(const Quartiles&, const Quartiles&) = default;
};

/// The quartiles of at least one value; each is one of the values.
[[nodiscard]] Quartiles quartiles(std::vector<double> values);

/// The part of all chunks that was run by the party which ran the fewest; 1 for fewer than two
/// parties, and where no chunk was run.
[[nodiscard]] double smallest_share(const std::vector<std::uint64_t>& chunks_by_party);

/// What the blocks of a case come to.
struct Figures {
    double seconds = 0;  ///< of a job: the median of the blocks' medians
    Quartiles vs_first;  ///< of the blocks' medians, each divided by the first case's of its round
    double share = 1;    ///< the median of all jobs, also of those that were dropped
    int dropped = 0;
    std::vector<Round> rounds;  ///< of which both have a job
};

/// The figures of `own` beside the contest's first case. Jobs with a smaller share than
/// `least_share` are dropped, unless most of a case's jobs have one: then that is its way of
/// working, and no disturbance. None when there is no round of which both have a job.
[[nodiscard]] std::optional<Figures> figures(const Blocks& own, const Blocks& first,
                                             double least_share);

}  // namespace bench
