#include <optional>
#include <pinfold/engine/report_json.hpp>

#include "report/json_text.hpp"

namespace pinfold {

namespace {

using detail::JsonObject;

std::string worker_json(const WorkerReport& worker) {
    return JsonObject()
        .add("worker", worker.worker)
        .add("pid", worker.pid)
        .add("cpu", worker.cpu)
        .add("chunks", worker.chunks)
        .add("busy_seconds", worker.busy_seconds)
        .text();
}

std::string node_json(const NodeReport& node) {
    return JsonObject()
        .add("node", node.node)
        .add("workers", node.workers)
        .add("local_chunks", node.local_chunks)
        .add("remote_chunks", node.remote_chunks)
        .add("local_bytes", node.local_bytes)
        .add("remote_bytes", node.remote_bytes)
        .text();
}

std::string pages_json(const PagesReport& pages) {
    return JsonObject()
        .add("asked_bytes", pages.asked_bytes)
        .add("placed_bytes", pages.placed_bytes)
        .add("refused", pages.refused)
        .text();
}

std::string death_json(const Death& death) {
    return JsonObject()
        .add("worker", death.worker)
        .add("pid", death.pid)
        .add("how", death.how)
        .text();
}

std::string shrunk_json(const shm::ShrunkFile& file) {
    return JsonObject()
        .add("path", file.path)
        .add("bytes_opened", file.bytes_opened)
        .add("bytes_now", file.bytes_now)
        .text();
}

std::string failure_json(const ChunkFailure& failure) {
    return JsonObject()
        .add("begin", to_decimal(failure.chunk.begin))
        .add("end", to_decimal(failure.chunk.end))
        .add("index", failure.chunk.index)
        .add("worker", failure.worker)
        .add("attempts", failure.attempts)
        .add_array("deaths", failure.deaths, death_json)
        .add("exception_type", failure.exception_type)
        .add("exception_text", failure.exception_text)
        .add_array("shrunk_files", failure.shrunk_files, shrunk_json)
        .text();
}

/// A number that may not be known.
template <typename T>
std::string known_json(const std::optional<T>& number) {
    return number ? detail::json_of(*number) : "null";
}

}  // namespace

std::string to_json(const JobReport& report) {
    return JsonObject()
        .add("chunks", report.chunks)
        .add("restored", report.restored)
        .add("attempts", report.attempts)
        .add("deaths", report.deaths)
        .add("seconds", report.seconds)
        .add("pool_seconds", report.pool_seconds)
        .add_array("phase_seconds", report.phase_seconds,
                   [](double s) { return detail::json_of(s); })
        .add_array("workers", report.workers, worker_json)
        .add_array("nodes", report.nodes, node_json)
        .add_written("pages", pages_json(report.pages))
        .add_array("skipped", report.skipped, failure_json)
        .add("journal_lost", report.journal_lost)
        .add_array("latest_deaths", report.latest_deaths, death_json)
        .text();
}

std::string to_json(const BatchProgress& progress) {
    return JsonObject()
        .add("done", progress.done)
        .add("running", progress.running)
        .add("retried", progress.retried)
        .add_written("total", known_json(progress.total))
        .add_written("remaining", known_json(progress.remaining))
        .add("seconds", progress.seconds)
        .add("rate", progress.rate)
        .add_written("seconds_left", known_json(progress.seconds_left))
        .text();
}

}  // namespace pinfold
