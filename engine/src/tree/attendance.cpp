#include "tree/attendance.hpp"

#include <algorithm>

namespace pinfold::detail {

namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t patience_ns = nanoseconds(Attendance::patience).count();
constexpr std::int64_t longest_step_ns = 2 * nanoseconds(Attendance::interval).count();

/// Of two values of a bell, which wraps.
constexpr bool is_older(std::uint32_t one, std::uint32_t other) noexcept {
    return static_cast<std::int32_t>(one - other) < 0;
}

}  // namespace

Attendance::Attendance(const Workforce& workforce, Works works)
    : workforce_(workforce), works_(works), seen_(workforce.workers.size()) {}

bool Attendance::is_missing(WorkerNumber worker, std::int64_t now_ns) noexcept {
    const shm::Party& party = workforce_.workers[worker];
    const Seen now{party.id(worker), party.heard.load(std::memory_order_acquire),
                   starts_of(works_, worker), now_ns, 0};
    Seen& seen = seen_[worker];
    if (!is_called(worker) || now.worker != seen.worker || now.heard != seen.heard ||
        now.starts != seen.starts) {
        seen = now;
        return false;
    }
    seen.missing_ns += std::min(now_ns - seen.looked_at_ns, longest_step_ns);
    seen.looked_at_ns = now_ns;
    return seen.missing_ns > patience_ns;
}

// A worker that is at some work may be in it for as long as it likes. One that sleeps on while
// others were woken was not called.
bool Attendance::is_called(WorkerNumber worker) const noexcept {
    const shm::Party& party = workforce_.workers[worker];
    switch (party.stage.load(std::memory_order_acquire)) {
        case shm::Party::Stage::starting:
            return true;
        case shm::Party::Stage::initializing:
            return false;
        case shm::Party::Stage::ready:
            break;
    }
    return is_older(party.heard.load(std::memory_order_acquire),
                    workforce_.roll_call.load(std::memory_order_acquire)) &&
           std::ranges::none_of(works_, [&](const Work* w) { return w->is_at_work(worker); });
}

}  // namespace pinfold::detail
