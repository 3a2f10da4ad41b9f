#pragma once

#include <cstdint>
#include <vector>

#include "study/study.hpp"

// What a traced run's chunks say of its workers, in so few numbers that a page holds them. Pure.
namespace pinfold::apps::report {

/// Neighbouring workers that share a row of a figure: one each, or more where there are many.
struct WorkerRow {
    int first = 0;
    int last = 0;  ///< that one included

    [[nodiscard]] int workers() const noexcept { return last - first + 1; }
};

/// Rows for workers 0 to `workers` - 1, at most `most`, all of the same size but the last.
[[nodiscard]] std::vector<WorkerRow> worker_rows(int workers, int most);

/// How busy each row was in each bin of time: the share of its workers' time in chunks.
struct BusyGrid {
    std::vector<WorkerRow> rows;
    int bins = 0;
    double seconds = 0;  ///< of the whole run, from the first chunk's begin to the last's end
    std::vector<double> share;  ///< rows times bins

    [[nodiscard]] double at(std::size_t row, int bin) const {
        return share[row * static_cast<std::size_t>(bins) + static_cast<std::size_t>(bin)];
    }
};

/// Takes time proportional to the chunks and the bins that they touch. Chunks of workers that the
/// run did not have, and times that are no numbers, count nothing.
[[nodiscard]] BusyGrid busy_grid(const std::vector<TracedChunk>& chunks, int workers, int most_rows,
                                 int bins);

/// Where a row's workers spent the run, in seconds, the mean of its workers.
struct WorkerSplit {
    WorkerRow row;
    std::uint64_t chunks = 0;  ///< all of its workers'
    double busy = 0;           ///< in chunks
    double waiting = 0;        ///< between its first chunk and its last one, but in none
    double idle = 0;           ///< before its first chunk and behind its last one
};
[[nodiscard]] std::vector<WorkerSplit> worker_splits(const std::vector<TracedChunk>& chunks,
                                                     int workers, int most_rows);

/// How many workers the busiest one's busy time exceeds the mean by: 0 where all are alike.
[[nodiscard]] double imbalance_of(const std::vector<TracedChunk>& chunks, int workers);

/// Chunks by their time, in bins that are equally wide on a logarithmic axis.
struct ChunkTimes {
    struct Bin {
        double low = 0;
        double high = 0;
        std::uint64_t chunks = 0;
    };
    std::vector<Bin> bins;  ///< without the empty ones at both ends
    std::uint64_t chunks = 0;
    double shortest = 0;
    double median = 0;
    double at_99_percent = 0;  ///< 99 % of the chunks are not longer
    double longest = 0;
};

/// Chunks that took no time count as one nanosecond.
[[nodiscard]] ChunkTimes chunk_times(const std::vector<TracedChunk>& chunks);

}  // namespace pinfold::apps::report
