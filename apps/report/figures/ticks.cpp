#include "report/figures/ticks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "report/html/numbers.hpp"

namespace pinfold::apps::report {

namespace {

using Text = std::string (*)(double);

// About the width of "1024", with room to the next.
constexpr double pixels_of_a_tick = 44;

std::string plain(double number) {
    return fmt::format("{:.6g}", number);
}

bool is_in(const Range& range, double number) {
    return number >= range.low * (1 - 1e-9) && number <= range.high * (1 + 1e-9);
}

/// Powers of `base` in the range.
std::vector<Tick> powers(const Range& range, double base, Text text) {
    std::vector<Tick> ticks;
    for (double power = std::pow(base, std::floor(std::log(range.low) / std::log(base)));
         power <= range.high * (1 + 1e-9); power *= base) {
        if (is_in(range, power)) {
            ticks.push_back({power, text(power)});
        }
    }
    return ticks;
}

/// The largest of 1, 2, 2.5, 5 and 10 times a power of ten that gives at most `most` steps.
double round_step(double length, std::size_t most) {
    const double least = length / static_cast<double>(std::max<std::size_t>(most, 1));
    const double decade = std::pow(10, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
        if (factor * decade >= least * (1 - 1e-9)) {
            return factor * decade;
        }
    }
    return 10 * decade;
}

std::vector<Tick> round_ticks(const Range& range, std::size_t most, Text text) {
    std::vector<Tick> ticks;
    const double step = round_step(range.high - range.low, most);
    if (!std::isfinite(step) || step <= 0) {
        return ticks;
    }
    for (double number = std::ceil(range.low / step - 1e-9) * step;
         number <= range.high + step * 1e-9; number += step) {
        const double rounded = std::abs(number) < step * 1e-6 ? 0 : number;
        ticks.push_back({rounded, text(rounded)});
    }
    return ticks;
}

std::vector<Tick> decades(const Range& range, const std::vector<double>& factors, Text text) {
    std::vector<Tick> ticks;
    for (double decade = std::pow(10, std::floor(std::log10(range.low))); decade <= range.high;
         decade *= 10) {
        for (const double factor : factors) {
            if (is_in(range, decade * factor)) {
                ticks.push_back({decade * factor, text(decade * factor)});
            }
        }
    }
    return ticks;
}

/// The first of the powers of `base`, its square and so on of which at most `most` are in range.
std::vector<Tick> sparse_powers(const Range& range, double base, std::size_t most, Text text) {
    std::vector<Tick> ticks = powers(range, base, text);
    for (double step = base * base; ticks.size() > most; step *= base) {
        ticks = powers(range, step, text);
    }
    return ticks;
}

}  // namespace

std::vector<Tick> worker_ticks(std::vector<int> workers, const Range& range, int pixels) {
    std::ranges::sort(workers);
    std::vector<Tick> ticks;
    const double octaves = std::log2(range.high / range.low);
    bool fits = true;
    for (const int number : workers) {
        const double gap =
            ticks.empty() ? octaves : std::log2(number / ticks.back().at) / octaves * pixels;
        if (ticks.empty() || gap > 0) {
            fits = fits && (ticks.empty() || gap >= pixels_of_a_tick);
            ticks.push_back({static_cast<double>(number), std::to_string(number)});
        }
    }
    return fits ? ticks : factor_ticks(range, static_cast<std::size_t>(pixels / pixels_of_a_tick));
}

std::vector<Tick> factor_ticks(const Range& range, std::size_t most) {
    constexpr double short_axis = 6;
    return range.high / range.low < short_axis ? round_ticks(range, most, plain)
                                               : sparse_powers(range, 2, most, plain);
}

std::vector<Tick> time_ticks(const Range& range, std::size_t most) {
    constexpr double short_axis = 8;
    if (range.high / range.low < short_axis) {
        return round_ticks(range, most, short_seconds);
    }
    for (const auto& factors : {std::vector<double>{1, 2, 5}, std::vector<double>{1}}) {
        std::vector<Tick> ticks = decades(range, factors, short_seconds);
        if (ticks.size() <= most) {
            return ticks;
        }
    }
    return sparse_powers(range, 100, most, short_seconds);
}

std::vector<Tick> linear_ticks(const Range& range, std::size_t most) {
    return round_ticks(range, most, plain);
}

std::vector<Tick> count_ticks(const Range& range, std::size_t most) {
    return sparse_powers(range, 10, most, [](double count) {
        return count_text(static_cast<std::uint64_t>(std::llround(count)));
    });
}

std::string short_seconds(double seconds) {
    struct Unit {
        double size;
        const char* name;
    };
    static constexpr Unit units[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}};
    for (const Unit& unit : units) {
        if (std::abs(seconds) >= unit.size * (1 - 1e-9)) {
            return fmt::format("{:.4g} {}", seconds / unit.size, unit.name);
        }
    }
    return seconds == 0 ? "0 s" : fmt::format("{:.4g} ns", seconds / 1e-9);
}

}  // namespace pinfold::apps::report
