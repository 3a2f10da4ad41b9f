#include "report/sections/predictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/html/numbers.hpp"
#include "report/look_up.hpp"
#include "simulator/simulator.hpp"

namespace pinfold::apps::report {

namespace {

// Takes a second for eleven numbers of workers and two machines.
constexpr std::size_t most_chunks = 200'000;

/// The chunks' times in the order in which they began, which is nearly that of the range.
Workload workload_of(const Trace& trace) {
    std::vector<TracedChunk> chunks;
    for (const TracedChunk& chunk : trace.chunks) {
        if (std::isfinite(chunk.begin_seconds) && std::isfinite(chunk.seconds) &&
            chunk.seconds >= 0 && chunks.size() < most_chunks) {
            chunks.push_back(chunk);
        }
    }
    std::ranges::stable_sort(chunks, {}, &TracedChunk::begin_seconds);
    Workload workload;
    for (const TracedChunk& chunk : chunks) {
        workload.chunk_seconds.push_back(chunk.seconds);
    }
    return workload;
}

Table table_of(const Predictions& predictions) {
    Table table{
        "Predicted, not measured: the job's time, its speedup and what limits it", {"workers"}, {}};
    for (const PredictedMachine& machine : predictions.machines) {
        const std::string line = "line of " + seconds_text(machine.line.seconds);
        for (const char* const column : {"time, ", "speedup, ", "limited by, "}) {
            table.columns.push_back(column + line);
        }
    }
    for (std::size_t at = 0; at < predictions.machines.front().predictions.size(); ++at) {
        std::vector<std::string> row{
            std::to_string(predictions.machines.front().predictions[at].workers)};
        for (const PredictedMachine& machine : predictions.machines) {
            const Prediction& prediction = machine.predictions[at];
            row.push_back(seconds_text(prediction.seconds));
            row.push_back(number_text(prediction.speedup));
            row.push_back(prediction.limit);
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

Figure figure_of(const Predictions& predictions) {
    Figure figure{.title = "Predicted speedup",
                  .wide_script = prediction_script(predictions.machines, Width::wide),
                  .narrow_script = prediction_script(predictions.machines, Width::narrow)};
    for (std::size_t at = 0; at < predictions.machines.size(); ++at) {
        const PublishedLine& line = predictions.machines[at].line;
        figure.legend.push_back(
            {.number = prediction_marker(at) - 1,
             .paint = static_cast<int>(Paint::series) + static_cast<int>(at),
             .text = fmt::format("{}: {} one way", line.machine, seconds_text(line.seconds))});
    }
    figure.legend.push_back(
        {.symbol = LegendEntry::Symbol::line, .dashes = "6 4", .text = "ideal"});
    const Prediction& last = predictions.machines.front().predictions.back();
    figure.caption = fmt::format(
        "Crosses are predictions of a simulator, no measurements; both axes are logarithmic. Where "
        "the machines agree, one cross lies on the other. With "
        "{}: {} times as quick as one.",
        counted(static_cast<std::uint64_t>(last.workers), "worker"), number_text(last.speedup));
    figure.label = "Predicted speedup over the number of workers. " + figure.caption;
    figure.data = table_of(predictions);
    return figure;
}

}  // namespace

Predictions predictions_of(const Study& study) {
    Predictions result;
    for (const Trace& trace : study.traces) {
        const Configuration* const configuration = find_configuration(study, trace.configuration);
        const std::vector<PublishedLine> lines = published_lines();
        if (configuration == nullptr || configuration->role != Role::crew || lines.empty()) {
            continue;
        }
        const Workload workload = workload_of(trace);
        if (workload.chunk_seconds.empty()) {
            continue;
        }
        result.run = configuration->name();
        result.chunks = workload.chunk_seconds.size();
        Constants quickest;
        quickest.line = lines.front().seconds;
        result.assumptions = assumptions_of(quickest);
        for (const PublishedLine& line : {lines.front(), lines.back()}) {
            Constants constants;
            constants.line = line.seconds;
            result.machines.push_back({line, predict(workload, powers_of_two(), constants)});
        }
        break;
    }
    return result;
}

void write_predictions(Html& html, Figures& figures, const Predictions& predictions) {
    const auto section = html.in("section", {{"id", "predictions"}});
    html.element("h2", "Beyond this machine: predictions");
    if (predictions.machines.empty()) {
        html.element("p",
                     "Nothing is predicted: no run of the command was traced, so its chunks' "
                     "times are not known.");
        return;
    }
    html.element("p",
                 fmt::format("Nothing here was measured. A simulator took the times of the {} "
                             "chunks of {}, and ran the engine's claims, batches, steals, wakes "
                             "and fold in simulated time, with a core for each worker.",
                             count_text(predictions.chunks), predictions.run));
    figures.write(html, figure_of(predictions));
    html.element("h3", "What the predictions take for granted");
    const auto list = html.in("ul");
    for (const std::string& sentence : predictions.assumptions) {
        html.element("li", sentence);
    }
    for (const PredictedMachine& machine : predictions.machines) {
        html.element("li", fmt::format("{}: a cache line takes {} from core to core, one way, the "
                                       "median of all pairs ({}).",
                                       machine.line.machine, seconds_text(machine.line.seconds),
                                       machine.line.source));
    }
}

}  // namespace pinfold::apps::report
