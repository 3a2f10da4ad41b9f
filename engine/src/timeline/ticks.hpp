#pragma once

#include <cstdint>

#include "clock.hpp"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace pinfold::detail {

/// The clock that chunks are timed by. A look at the CPU's counter takes 10 ns where one at the
/// system's clock takes 25, which would be a fortieth of a chunk of a microsecond (job_bench).
class Ticks {
  public:
    /// The counter, if the kernel itself keeps time by it: then it has found that all CPUs count
    /// alike. Else the system's clock. The first call of a process reads a file.
    static Ticks of_this_machine();

    [[nodiscard]] std::int64_t now() const noexcept {
#if defined(__x86_64__)
        if (is_counter_) {
            return static_cast<std::int64_t>(__rdtsc());
        }
#endif
        return now_ns();
    }

    /// The same, and never before what the caller has seen.
    [[nodiscard]] std::int64_t now_in_order() const noexcept {
#if defined(__x86_64__)
        _mm_lfence();
#endif
        return now();
    }

    /// How many ticks there are in so many nanoseconds, roughly. The first call of a process takes
    /// some 50 µs.
    [[nodiscard]] std::int64_t in(std::int64_t ns) const noexcept;

    /// One moment by both clocks.
    struct Moment {
        std::int64_t ticks = 0;
        std::int64_t ns = 0;  // of the monotonic clock
    };
    [[nodiscard]] Moment moment() const noexcept;

  private:
    [[nodiscard]] double measured_ticks_a_ns() const noexcept;

    bool is_counter_ = false;
};

/// Turns ticks into nanoseconds between two moments, and keeps their order.
class TickScale {
  public:
    TickScale() = default;
    TickScale(Ticks::Moment first, Ticks::Moment last) noexcept
        : first_(first),
          ns_a_tick_(last.ticks > first.ticks ? static_cast<double>(last.ns - first.ns) /
                                                    static_cast<double>(last.ticks - first.ticks)
                                              : 1.0) {}

    [[nodiscard]] std::int64_t ns(std::int64_t ticks) const noexcept {
        return first_.ns +
               static_cast<std::int64_t>(static_cast<double>(ticks - first_.ticks) * ns_a_tick_);
    }

  private:
    Ticks::Moment first_;
    double ns_a_tick_ = 1.0;
};

}  // namespace pinfold::detail
