#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "timeline/recorded_job.hpp"

namespace pinfold::detail {

/// What a file says of the whole timeline.
struct TimelineHead {
    std::string name;
    int pid = 0;
    std::int64_t began_ns = 0;  // of the monotonic clock; times in the file count from here
    std::uint64_t jobs_left_out = 0;
    std::uint64_t tasks_left_out = 0;
};

/// Writes jobs and tasks in Chrome's trace format, piece by piece.
void write_chrome_json(const TimelineHead& head, const std::vector<RecordedJob>& jobs,
                       const std::vector<RecordedTask>& tasks,
                       const std::function<void(std::string_view)>& write);

}  // namespace pinfold::detail
