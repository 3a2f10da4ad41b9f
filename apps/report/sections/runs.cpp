#include "report/sections/runs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/figures/run_figures.hpp"
#include "report/html/numbers.hpp"
#include "report/look_up.hpp"

namespace pinfold::apps::report {

namespace {

using Symbol = LegendEntry::Symbol;

// Each has three figures in two widths. The others are in the table.
constexpr std::size_t most_drawn_traces = 3;

// Of the timelines of a page, all together: a cell costs up to 15 bytes, so that is 90 KB.
constexpr int most_cells = 6000;

// Beyond any pool's limit: a study of more was not written by this program.
constexpr int most_workers = 1 << 16;

// For the machine and the predictions.
constexpr std::size_t bytes_of_later_sections = 40'000;

/// A trace with the workers that its run had.
struct TracedRun {
    const Trace* trace = nullptr;
    const Configuration* configuration = nullptr;
    int workers = 1;
};

std::vector<TracedRun> traced_runs(const Study& study) {
    std::vector<TracedRun> runs;
    for (const Trace& trace : study.traces) {
        const Configuration* const configuration = find_configuration(study, trace.configuration);
        if (configuration != nullptr && !trace.chunks.empty()) {
            runs.push_back(
                {&trace, configuration, std::clamp(configuration->workers, 1, most_workers)});
        }
    }
    return runs;
}

std::string name_of(const WorkerRow& row) {
    return row.first == row.last ? std::to_string(row.first)
                                 : fmt::format("{} to {}", row.first, row.last);
}

int bins_of(Width width, int workers, std::size_t traces) {
    const int rows = static_cast<int>(worker_rows(workers, most_rows).size());
    const int cells = most_cells / static_cast<int>(traces) / rows;
    return width == Width::wide ? std::clamp(cells * 2 / 3, 24, 240)
                                : std::clamp(cells / 3, 16, 100);
}

Table timeline_table(const TracedRun& run) {
    constexpr int slices = 10;
    const BusyGrid grid = busy_grid(run.trace->chunks, run.workers, most_rows, slices);
    Table table{"Busy share of each worker in each tenth of the run, in percent", {"worker"}, {}};
    for (int slice = 0; slice < slices; ++slice) {
        table.columns.push_back("from " + seconds_text(grid.seconds * slice / slices));
    }
    for (std::size_t row = 0; row < grid.rows.size(); ++row) {
        std::vector<std::string> cells{name_of(grid.rows[row])};
        for (int slice = 0; slice < slices; ++slice) {
            cells.push_back(fmt::format("{:.0f}", grid.at(row, slice) * 100));
        }
        table.rows.push_back(std::move(cells));
    }
    return table;
}

Figure timeline_figure(const TracedRun& run, std::size_t traces) {
    const auto script = [&](Width width) {
        return timeline_script(busy_grid(run.trace->chunks, run.workers, most_rows,
                                         bins_of(width, run.workers, traces)),
                               width);
    };
    Figure figure{.title = "Time by worker: " + run.configuration->name(),
                  .wide_script = script(Width::wide),
                  .narrow_script = script(Width::narrow)};
    for (int level = 0; level < busy_paints; ++level) {
        figure.legend.push_back({.symbol = Symbol::area,
                                 .paint = static_cast<int>(Paint::busy) + level,
                                 .text = fmt::format("{} to {} %", level * 100 / busy_paints,
                                                     (level + 1) * 100 / busy_paints)});
    }
    const std::vector<WorkerRow> rows = worker_rows(run.workers, most_rows);
    figure.caption = fmt::format(
        "Busy share of each worker over time, in {} steps; where nothing is drawn it was not "
        "busy. ",
        bins_of(Width::wide, run.workers, traces));
    figure.caption += rows.front().workers() == 1
                          ? "A row is a worker."
                          : fmt::format("A row is {} workers, named by the first, and their mean.",
                                        rows.front().workers());
    if (!run.trace->file.empty()) {
        figure.caption += " Every chunk is in " + run.trace->file +
                          ", which ui.perfetto.dev and chrome://tracing show.";
    }
    figure.label = "Timeline of " + counted(static_cast<std::uint64_t>(run.workers), "worker") +
                   "; the table below has the busy shares.";
    figure.data = timeline_table(run);
    return figure;
}

Figure chunk_figure(const TracedRun& run) {
    const ChunkTimes times = chunk_times(run.trace->chunks);
    Figure figure{.title = "Time of a chunk: " + run.configuration->name(),
                  .wide_script = chunk_times_script(times, Width::wide),
                  .narrow_script = chunk_times_script(times, Width::narrow)};
    figure.caption = fmt::format(
        "{}: shortest {}, median {}, 99 % take at most {}, longest {}. Both axes are logarithmic.",
        counted(times.chunks, "chunk"), seconds_text(times.shortest), seconds_text(times.median),
        seconds_text(times.at_99_percent), seconds_text(times.longest));
    figure.label = "Histogram of chunk times. " + figure.caption;
    figure.data = {"Chunks by their time", {"from", "to", "chunks"}, {}};
    for (const ChunkTimes::Bin& bin : times.bins) {
        if (bin.chunks > 0) {
            figure.data.rows.push_back(
                {seconds_text(bin.low), seconds_text(bin.high), count_text(bin.chunks)});
        }
    }
    return figure;
}

/// The means over all workers.
WorkerSplit whole_split(const TracedRun& run) {
    return worker_splits(run.trace->chunks, run.workers, 1).front();
}

double length_of(const WorkerSplit& split) {
    return std::max(split.busy + split.waiting + split.idle, 1e-12);
}

Figure split_figure(const TracedRun& run) {
    const std::vector<WorkerSplit> splits =
        worker_splits(run.trace->chunks, run.workers, most_rows);
    Figure figure{.title = "Busy, waiting and idle: " + run.configuration->name(),
                  .wide_script = splits_script(splits, Width::wide),
                  .narrow_script = splits_script(splits, Width::narrow)};
    figure.legend = {{.symbol = Symbol::area,
                      .paint = static_cast<int>(Paint::busy) + busy_paints - 1,
                      .text = "busy: in a chunk"},
                     {.symbol = Symbol::area,
                      .paint = static_cast<int>(Paint::waiting),
                      .text = "waiting: between its chunks"},
                     {.symbol = Symbol::area,
                      .paint = static_cast<int>(Paint::idle),
                      .text = "idle: before its first or behind its last one"}};
    const WorkerSplit all = whole_split(run);
    figure.caption = fmt::format(
        "Of the workers' time {} is busy, {} waiting, {} idle. The busiest worker is {} busier "
        "than "
        "the mean.",
        percent_text(all.busy / length_of(all)), percent_text(all.waiting / length_of(all)),
        percent_text(all.idle / length_of(all)),
        percent_text(imbalance_of(run.trace->chunks, run.workers)));
    figure.label = "Busy, waiting and idle time by worker. " + figure.caption;
    figure.data = {"Time by worker, the mean where a row is several",
                   {"worker", "chunks", "busy", "waiting", "idle"},
                   {}};
    for (const WorkerSplit& split : splits) {
        figure.data.rows.push_back({name_of(split.row), count_text(split.chunks),
                                    seconds_text(split.busy), seconds_text(split.waiting),
                                    seconds_text(split.idle)});
    }
    return figure;
}

void write_overview(Html& html, const std::vector<TracedRun>& runs) {
    Table table{"The traced runs: one of each series, with the most workers",
                {"run", "chunks", "length", "busy", "waiting", "idle", "imbalance", "median chunk",
                 "longest chunk"},
                {}};
    for (const TracedRun& run : runs) {
        const WorkerSplit all = whole_split(run);
        const ChunkTimes times = chunk_times(run.trace->chunks);
        table.rows.push_back({run.configuration->name(), count_text(times.chunks),
                              seconds_text(length_of(all)), percent_text(all.busy / length_of(all)),
                              percent_text(all.waiting / length_of(all)),
                              percent_text(all.idle / length_of(all)),
                              percent_text(imbalance_of(run.trace->chunks, run.workers)),
                              seconds_text(times.median), seconds_text(times.longest)});
    }
    write_table(html, table);
}

/// What the samples' own reports say, which are not traced.
void write_reports(Html& html, const Study& study, const Analysis& analysis) {
    Table table{"Of the median run of each point, the mean of its workers",
                {"series", "workers", "busy", "idle", "imbalance"},
                {}};
    for (const Series& series : analysis.series) {
        for (const Point& point : series.points) {
            if (point.busy_seconds || point.idle_seconds || point.imbalance) {
                table.rows.push_back({series.name, std::to_string(workers_of(study, point)),
                                      or_unknown(point.busy_seconds, seconds_text),
                                      or_unknown(point.idle_seconds, seconds_text),
                                      or_unknown(point.imbalance, percent_text)});
            }
        }
    }
    if (!table.rows.empty()) {
        write_folded_table(html, "Busy and idle time of the samples", table);
    }
}

}  // namespace

void write_runs(Html& html, Figures& figures, const Study& study, const Analysis& analysis) {
    const auto section = html.in("section", {{"id", "runs"}});
    html.element("h2", "Inside a run");
    const std::vector<TracedRun> runs = traced_runs(study);
    if (runs.empty()) {
        html.element("p", "No run was traced, so when each worker was busy is not known.");
    } else {
        html.element("p",
                     "Of each series one more run, with the most workers, was watched chunk by "
                     "chunk. It is no sample.");
        write_overview(html, runs);
    }
    const std::size_t drawn = std::min(runs.size(), most_drawn_traces);
    for (std::size_t at = 0; at < drawn; ++at) {
        for (Figure figure :
             {timeline_figure(runs[at], drawn), chunk_figure(runs[at]), split_figure(runs[at])}) {
            figure.leaves = bytes_of_later_sections;
            figures.write(html, figure);
        }
    }
    if (drawn < runs.size()) {
        html.element("p", fmt::format("Drawn are the first {} of {} traced runs, so that the page "
                                      "stays small.",
                                      drawn, runs.size()));
    }
    write_reports(html, study, analysis);
}

}  // namespace pinfold::apps::report
