#pragma once

#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <string>

namespace chaos {

/// What does not add up in the report of a job whose phases all ran, or nothing.
inline std::string what_does_not_add_up(const pinfold::JobReport& report) {
    std::uint64_t committed = 0;
    for (const pinfold::WorkerReport& worker : report.workers) {
        committed += worker.chunks;
    }
    const std::uint64_t accounted = committed + report.restored + report.skipped.size();
    if (accounted != report.chunks) {
        return "the report accounts for " + std::to_string(accounted) + " chunks of " +
               std::to_string(report.chunks);
    }
    if (report.attempts < committed + report.skipped.size() ||
        report.attempts > committed + report.skipped.size() + report.deaths) {
        return "the report has " + std::to_string(report.attempts) + " attempts at " +
               std::to_string(committed) + " chunks, with " + std::to_string(report.deaths) +
               " deaths";
    }
    return "";
}

}  // namespace chaos
