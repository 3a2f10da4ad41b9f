#include "report/figures/busy_grid.hpp"

#include <algorithm>
#include <cmath>

namespace pinfold::apps::report {

namespace {

constexpr double bins_a_decade = 8;
constexpr double shortest_seconds = 1e-9;  // the clocks tell no more

bool counts(const TracedChunk& chunk, int workers) {
    return chunk.worker >= 0 && chunk.worker < workers && std::isfinite(chunk.begin_seconds) &&
           std::isfinite(chunk.seconds) && chunk.seconds >= 0;
}

/// What one worker's chunks cover.
struct Cover {
    std::uint64_t chunks = 0;
    double busy = 0;
    double begin = 0;
    double end = 0;

    void add(const TracedChunk& chunk) {
        const double chunk_end = chunk.begin_seconds + chunk.seconds;
        begin = chunks == 0 ? chunk.begin_seconds : std::min(begin, chunk.begin_seconds);
        end = chunks == 0 ? chunk_end : std::max(end, chunk_end);
        busy += chunk.seconds;
        ++chunks;
    }
};

std::vector<Cover> covers(const std::vector<TracedChunk>& chunks, int workers) {
    std::vector<Cover> result(static_cast<std::size_t>(std::max(workers, 0)));
    for (const TracedChunk& chunk : chunks) {
        if (counts(chunk, workers)) {
            result[static_cast<std::size_t>(chunk.worker)].add(chunk);
        }
    }
    return result;
}

/// The whole run: from the first chunk of all to the end of the last one.
Cover whole(const std::vector<TracedChunk>& chunks, int workers) {
    Cover all;
    for (const TracedChunk& chunk : chunks) {
        if (counts(chunk, workers)) {
            all.add(chunk);
        }
    }
    return all;
}

std::size_t row_of(int worker, const std::vector<WorkerRow>& rows) {
    return static_cast<std::size_t>(worker / rows.front().workers());
}

}  // namespace

std::vector<WorkerRow> worker_rows(int workers, int most) {
    std::vector<WorkerRow> rows;
    const int size = std::max(1, (workers + most - 1) / most);
    for (int first = 0; first < workers; first += size) {
        rows.push_back({first, std::min(first + size, workers) - 1});
    }
    return rows;
}

BusyGrid busy_grid(const std::vector<TracedChunk>& chunks, int workers, int most_rows, int bins) {
    BusyGrid grid{.rows = worker_rows(workers, most_rows), .bins = bins};
    grid.share.assign(grid.rows.size() * static_cast<std::size_t>(bins), 0);
    const Cover run = whole(chunks, workers);
    grid.seconds = run.end - run.begin;
    if (!(grid.seconds > 0)) {
        return grid;
    }
    const double bin_seconds = grid.seconds / bins;
    for (const TracedChunk& chunk : chunks) {
        if (!counts(chunk, workers)) {
            continue;
        }
        const std::size_t row = row_of(chunk.worker, grid.rows);
        const double begin = chunk.begin_seconds - run.begin;
        const double end = begin + chunk.seconds;
        const int first = std::clamp(static_cast<int>(begin / bin_seconds), 0, bins - 1);
        for (int bin = first; bin < bins && bin * bin_seconds < end; ++bin) {
            const double inside =
                std::min(end, (bin + 1) * bin_seconds) - std::max(begin, bin * bin_seconds);
            grid.share[row * static_cast<std::size_t>(bins) + static_cast<std::size_t>(bin)] +=
                std::max(inside, 0.0) / (bin_seconds * grid.rows[row].workers());
        }
    }
    for (double& share : grid.share) {
        share = std::min(share, 1.0);
    }
    return grid;
}

std::vector<WorkerSplit> worker_splits(const std::vector<TracedChunk>& chunks, int workers,
                                       int most_rows) {
    const Cover run = whole(chunks, workers);
    const std::vector<Cover> all = covers(chunks, workers);
    std::vector<WorkerSplit> splits;
    for (const WorkerRow& row : worker_rows(workers, most_rows)) {
        WorkerSplit split{.row = row};
        for (int worker = row.first; worker <= row.last; ++worker) {
            const Cover& cover = all[static_cast<std::size_t>(worker)];
            const double present = cover.end - cover.begin;
            split.chunks += cover.chunks;
            split.busy += cover.busy / row.workers();
            split.waiting += std::max(present - cover.busy, 0.0) / row.workers();
            split.idle += (run.end - run.begin - present) / row.workers();
        }
        splits.push_back(split);
    }
    return splits;
}

double imbalance_of(const std::vector<TracedChunk>& chunks, int workers) {
    double sum = 0;
    double most = 0;
    for (const Cover& cover : covers(chunks, workers)) {
        sum += cover.busy;
        most = std::max(most, cover.busy);
    }
    return sum > 0 ? most * workers / sum - 1 : 0;
}

ChunkTimes chunk_times(const std::vector<TracedChunk>& chunks) {
    std::vector<double> times;
    for (const TracedChunk& chunk : chunks) {
        if (std::isfinite(chunk.seconds) && chunk.seconds >= 0) {
            times.push_back(std::max(chunk.seconds, shortest_seconds));
        }
    }
    ChunkTimes result{.chunks = times.size()};
    if (times.empty()) {
        return result;
    }
    std::ranges::sort(times);
    result.shortest = times.front();
    result.median = (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
    result.at_99_percent = times[(times.size() * 99 + 99) / 100 - 1];
    result.longest = times.back();
    const auto bin_of = [](double time) {
        return static_cast<int>(std::floor(std::log10(time) * bins_a_decade + 1e-9));
    };
    const int first = bin_of(times.front());
    for (int bin = first; bin <= bin_of(times.back()); ++bin) {
        result.bins.push_back(
            {std::pow(10, bin / bins_a_decade), std::pow(10, (bin + 1) / bins_a_decade), 0});
    }
    for (const double time : times) {
        ++result.bins[static_cast<std::size_t>(bin_of(time) - first)].chunks;
    }
    return result;
}

}  // namespace pinfold::apps::report
