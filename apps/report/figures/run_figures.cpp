#include "report/figures/run_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figures/ticks.hpp"

namespace pinfold::apps::report {

namespace {

using Rows = std::vector<std::vector<double>>;

/// High enough to be told apart, low enough to see all at once.
int row_pixels(std::size_t rows) {
    return static_cast<int>(std::clamp<std::size_t>(320 / std::max<std::size_t>(rows, 1), 9, 26));
}

Canvas canvas_of_rows(Width width, std::size_t rows) {
    Canvas size = canvas(width, 0);
    size.top = 24;
    size.height = size.top + size.bottom +
                  row_pixels(rows) * static_cast<int>(std::max<std::size_t>(rows, 1));
    return size;
}

/// The first row at the top, and so many names that they do not touch.
void set_row_axis(PlotScript& script, const std::vector<WorkerRow>& rows) {
    constexpr int pixels_of_a_name = 18;
    const double last = static_cast<double>(rows.size()) - .5;
    script.line(fmt::format("set yrange [{:.1f}:-.5]", last));
    const int step = (pixels_of_a_name + row_pixels(rows.size()) - 1) / row_pixels(rows.size());
    std::vector<Tick> ticks;
    for (std::size_t row = 0; row < rows.size(); row += static_cast<std::size_t>(step)) {
        ticks.push_back({static_cast<double>(row), std::to_string(rows[row].first)});
    }
    script.ticks('y', ticks);
    script.line("unset grid");
}

/// Neighbouring bins of the same level are one line.
void add_runs(const BusyGrid& grid, std::size_t row, Rows (&levels)[busy_paints]) {
    const double bin_seconds = grid.seconds / grid.bins;
    for (int bin = 0; bin < grid.bins;) {
        const int level = busy_level(grid.at(row, bin));
        int end = bin + 1;
        while (end < grid.bins && busy_level(grid.at(row, end)) == level) {
            ++end;
        }
        if (level >= 0) {
            levels[level].push_back(
                {bin * bin_seconds, static_cast<double>(row), (end - bin) * bin_seconds});
        }
        bin = end;
    }
}

}  // namespace

int busy_level(double share) {
    constexpr double nothing = .005;
    if (share < nothing) {
        return -1;
    }
    return std::min(static_cast<int>(share * busy_paints), busy_paints - 1);
}

std::string timeline_script(const BusyGrid& grid, Width width) {
    PlotScript script(canvas_of_rows(width, grid.rows.size()));
    const Range x{0, grid.seconds > 0 ? grid.seconds : 1};
    script.range('x', x);
    std::vector<Tick> ticks = linear_ticks(x, width == Width::wide ? 8 : 4);
    for (Tick& tick : ticks) {
        tick.text = short_seconds(tick.at);
    }
    script.ticks('x', ticks);
    script.names("time since the first chunk", "worker");
    set_row_axis(script, grid.rows);
    Rows levels[busy_paints];
    for (std::size_t row = 0; row < grid.rows.size(); ++row) {
        add_runs(grid, row, levels);
    }
    std::vector<std::string> layers{"NaN"};
    for (int level = 0; level < busy_paints; ++level) {
        if (!levels[level].empty()) {
            script.data(fmt::format("busy{}", level), levels[level]);
            layers.push_back(fmt::format("$busy{} using 1:2:3:(0) with vectors nohead lw {} {}",
                                         level, row_pixels(grid.rows.size()) - 2,
                                         colour(Paint::busy, level)));
        }
    }
    script.plot(layers);
    return script.text();
}

std::string chunk_times_script(const ChunkTimes& times, Width width) {
    Canvas size = canvas(width, 260);
    size.top = 34;
    PlotScript script(size);
    constexpr double floor = .7;  // where a bar of one chunk starts on an axis that has no 0
    Range x{1e-6, 1e-3};
    Range y{floor, 2};
    Rows rows;
    if (!times.bins.empty()) {
        x = {times.bins.front().low / 1.3, times.bins.back().high * 1.3};
    }
    for (const ChunkTimes::Bin& bin : times.bins) {
        if (bin.chunks > 0) {
            const auto chunks = static_cast<double>(bin.chunks);
            y.hold(chunks * 1.3);
            // Bars that do not touch can be counted.
            rows.push_back({std::sqrt(bin.low * bin.high), chunks, bin.low * 1.02, bin.high / 1.02,
                            floor, chunks});
        }
    }
    script.line("set logscale xy 10");
    script.range('x', x);
    script.range('y', y);
    script.ticks('x', time_ticks(x, width == Width::wide ? 10 : 5));
    script.ticks('y', count_ticks(y, 6));
    script.names("time of a chunk", "chunks");
    std::vector<std::string> layers{"NaN"};
    if (!rows.empty()) {
        script.data("bars", rows);
        layers.push_back("$bars using 1:2:3:4:5:6 with boxxyerror fs solid noborder " +
                         colour(Paint::series));
    }
    script.plot(layers);
    return script.text();
}

std::string splits_script(const std::vector<WorkerSplit>& splits, Width width) {
    PlotScript script(canvas_of_rows(width, splits.size()));
    std::vector<WorkerRow> rows;
    Rows parts[3];
    for (const WorkerSplit& split : splits) {
        const double whole = std::max(split.busy + split.waiting + split.idle, 1e-12);
        const auto y = static_cast<double>(rows.size());
        double begin = 0;
        const double seconds[] = {split.busy, split.waiting, split.idle};
        for (int part = 0; part < 3; ++part) {
            const double end = begin + seconds[part] / whole;
            if (end - begin > 5e-4) {
                parts[part].push_back({begin, y, end - begin});
            }
            begin = end;
        }
        rows.push_back(split.row);
    }
    script.range('x', {0, 1});
    script.ticks('x', {{0, "0 %"}, {.25, "25 %"}, {.5, "50 %"}, {.75, "75 %"}, {1, "100 %"}});
    script.names("share of the run", "worker");
    set_row_axis(script, rows);
    const std::string colours[] = {colour(Paint::busy, busy_paints - 1), colour(Paint::waiting),
                                   colour(Paint::idle)};
    std::vector<std::string> layers{"NaN"};
    for (int part = 0; part < 3; ++part) {
        if (!parts[part].empty()) {
            script.data(fmt::format("part{}", part), parts[part]);
            layers.push_back(fmt::format("$part{} using 1:2:3:(0) with vectors nohead lw {} {}",
                                         part, row_pixels(rows.size()) - 3, colours[part]));
        }
    }
    script.plot(layers);
    return script.text();
}

}  // namespace pinfold::apps::report
