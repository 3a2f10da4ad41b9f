#include "timeline/ticks.hpp"

#include <atomic>

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

// What is found out once, by whoever asks first, and perhaps by several threads. No statics of
// functions: their lock would stay taken in a child that was forked meanwhile.
enum class Clock : std::uint8_t { unknown, counter, other };
constinit std::atomic<Clock> known_clock{Clock::unknown};
constinit std::atomic<double> known_ticks_a_ns{0};

}  // namespace

Ticks Ticks::of_this_machine() {
    Clock clock = known_clock.load(std::memory_order_relaxed);
    if (clock == Clock::unknown) {
        clock = keeps_time_by_the_counter() ? Clock::counter : Clock::other;
        known_clock.store(clock, std::memory_order_relaxed);
    }
    Ticks ticks;
    ticks.is_counter_ = clock == Clock::counter;
    return ticks;
}

std::int64_t Ticks::in(std::int64_t ns) const noexcept {
    if (!is_counter_) {
        return ns;
    }
    double ticks_a_ns = known_ticks_a_ns.load(std::memory_order_relaxed);
    if (ticks_a_ns == 0) {
        ticks_a_ns = measured_ticks_a_ns();
        known_ticks_a_ns.store(ticks_a_ns, std::memory_order_relaxed);
    }
    return static_cast<std::int64_t>(static_cast<double>(ns) * ticks_a_ns);
}

double Ticks::measured_ticks_a_ns() const noexcept {
    const Moment first = moment();
    Moment last = first;
    while (last.ns - first.ns < 50'000) {
        last = moment();
    }
    return static_cast<double>(last.ticks - first.ticks) / static_cast<double>(last.ns - first.ns);
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
