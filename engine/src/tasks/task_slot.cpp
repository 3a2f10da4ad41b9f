#include "tasks/task_slot.hpp"

#include "caught.hpp"
#include "handover.hpp"

namespace pinfold::detail {

void TaskFailure::begin(std::uint32_t of_lap) noexcept {
    if (lap != of_lap) {
        deaths = 0;
        type[0] = '\0';
        text[0] = '\0';
        lap = of_lap;
    }
}

void TaskFailure::record(std::uint32_t of_lap, const char* of_type,
                         const char* with_text) noexcept {
    begin(of_lap);
    CutText(type).add(of_type);
    CutText(text).add(with_text);
}

// In the supervisor, which calls nothing that a program's checkers stand behind.
void TaskFailure::add_death(std::uint32_t of_lap, const WorkerEnd& end) noexcept {
    begin(of_lap);
    type[0] = '\0';  // of an attempt that died before it was over
    text[0] = '\0';
    ends[deaths % kept_ends] = end;
    ++deaths;
}

}  // namespace pinfold::detail
