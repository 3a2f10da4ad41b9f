#include "timeline/ticks.hpp"

#include "process/proc_text.hpp"

namespace pinfold::detail {

namespace {

// A look that another process interrupts is worse than its neighbours.
constexpr int looks = 3;

bool keeps_time_by_the_counter() {
#if defined(__x86_64__)
    return ProcText("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        .text()
        .starts_with("tsc");
#else
    return false;
#endif
}

}  // namespace

Ticks Ticks::of_this_machine() {
    static const bool is_counter = keeps_time_by_the_counter();
    Ticks ticks;
    ticks.is_counter_ = is_counter;
    return ticks;
}

std::int64_t Ticks::in(std::int64_t ns) const noexcept {
    if (!is_counter_) {
        return ns;
    }
    static const double ticks_a_ns = [this] {
        const Moment first = moment();
        Moment last = first;
        while (last.ns - first.ns < 50'000) {
            last = moment();
        }
        return static_cast<double>(last.ticks - first.ticks) /
               static_cast<double>(last.ns - first.ns);
    }();
    return static_cast<std::int64_t>(static_cast<double>(ns) * ticks_a_ns);
}

Ticks::Moment Ticks::moment() const noexcept {
    Moment best;
    std::int64_t least = INT64_MAX;
    for (int look = 0; look < looks; ++look) {
        const std::int64_t before = now_ns();
        const std::int64_t ticks = now_in_order();
        const std::int64_t took = now_ns() - before;
        if (took < least) {
            least = took;
            best = {ticks, is_counter_ ? before + took / 2 : ticks};
        }
    }
    return best;
}

}  // namespace pinfold::detail
