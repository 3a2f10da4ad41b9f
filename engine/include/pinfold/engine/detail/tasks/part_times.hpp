#pragma once

// When a task of a batch ran, for a timeline. Not for users.

#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::detail {

/// In shared memory, written by the attempt: what is there when the task has ended is of its last
/// one. No end: that died.
struct PartTimes {
    std::int64_t began_ns = 0;  // of the monotonic clock
    std::int64_t ended_ns = 0;
    std::int32_t worker = 0;
    std::int32_t pid = 0;
};

/// Writes when it is made and when it ends, unless there is nothing to write to.
class PINFOLD_API TimedPart {
  public:
    explicit TimedPart(PartTimes* times) noexcept;
    ~TimedPart();
    TimedPart(const TimedPart&) = delete;
    TimedPart& operator=(const TimedPart&) = delete;

  private:
    PartTimes* const times_;
};

}  // namespace pinfold::detail
