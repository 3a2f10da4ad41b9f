#include "environment/clock.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "environment/together.hpp"

namespace pinfold::apps {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int additions_a_turn = 16;
constexpr int turns_a_window = 60'000;  // 0.3 ms at 3 GHz
constexpr auto warm_up = std::chrono::milliseconds(20);
constexpr auto measured_time = std::chrono::milliseconds(40);

// Of two registers: newer cores add a constant while they rename registers, in no time at all.
#if defined(__x86_64__)
#define PINFOLD_ADDITION "add %[one], %[sum]\n\t"
#elif defined(__aarch64__)
#define PINFOLD_ADDITION "add %[sum], %[sum], %[one]\n\t"
#endif

#if defined(PINFOLD_ADDITION)
constexpr bool counts_cycles = true;
#define PINFOLD_FOUR PINFOLD_ADDITION PINFOLD_ADDITION PINFOLD_ADDITION PINFOLD_ADDITION
inline void add_in_a_chain(std::uint64_t& sum, std::uint64_t one) noexcept {
    asm volatile(PINFOLD_FOUR PINFOLD_FOUR PINFOLD_FOUR PINFOLD_FOUR
                 : [sum] "+r"(sum)
                 : [one] "r"(one)
                 : "cc");
}
#else
constexpr bool counts_cycles = false;
inline void add_in_a_chain(std::uint64_t& sum, std::uint64_t one) noexcept {
    sum += one;
}
#endif

/// Additions a second.
double one_window() noexcept {
    std::uint64_t sum = 0;
    const auto begin = Clock::now();
    for (int turn = 0; turn < turns_a_window; ++turn) {
        add_in_a_chain(sum, 1);
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    return static_cast<double>(additions_a_turn) * turns_a_window / took.count();
}

double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

double measured_clock(Meeting& meeting, double /*unused*/) {
    std::vector<double> windows;
    meet(meeting);
    const auto begin = Clock::now();
    for (auto now = begin; now - begin < warm_up + measured_time; now = Clock::now()) {
        const double window = one_window();
        if (now - begin >= warm_up) {
            windows.push_back(window);
        }
    }
    return windows.empty() ? 0 : median_of(std::move(windows));
}

}  // namespace

std::optional<double> clock_under_load(int workers, const std::string& pin) {
    if (!counts_cycles) {
        return std::nullopt;
    }
    const double hz = median_of(measure_together<measured_clock>(workers, pin, 0));
    return hz > 0 ? std::optional(hz) : std::nullopt;
}

}  // namespace pinfold::apps
