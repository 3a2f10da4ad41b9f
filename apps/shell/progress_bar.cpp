#include "shell/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pinfold::apps {

namespace {

using namespace std::chrono_literals;

// A job that is over by then needs no bar.
constexpr auto first_shown_after = 500ms;

/// [=====     ], with `width` characters between the brackets.
std::string bar_text(double share, int width) {
    const int filled = static_cast<int>(share * width);
    return fmt::format("[{:=<{}}{:{}}] ", "", filled, "", width - filled);
}

}  // namespace

std::string progress_line(const Progress& progress, double numbers,
                          std::chrono::duration<double> elapsed, int columns) {
    constexpr int widest = 30;
    constexpr int narrowest = 8;
    constexpr int brackets = 3;  // and the space behind them
    const auto total = static_cast<double>(std::max<std::uint64_t>(progress.chunks_total, 1));
    const double done = std::min(static_cast<double>(progress.chunks_done), total);
    const double share = done / total;
    const std::string percent = fmt::format("{:3.0f} %", std::floor(share * 100));
    std::string rate;
    std::string left;
    if (done > 0 && elapsed.count() > 0) {
        rate = fmt::format("  {:.3g} numbers/s", numbers * share / elapsed.count());
        left = fmt::format("  {} left", clock_text(elapsed.count() * (total - done) / done));
    }
    for (const std::string& text : {percent + rate + left, percent + left, percent}) {
        const int room = columns - 1 - static_cast<int>(text.size());
        if (room >= brackets + narrowest) {
            return bar_text(share, std::min(room - brackets, widest)) + text;
        }
    }
    return static_cast<int>(percent.size()) < columns ? percent : "";
}

ProgressBar::ProgressBar(double numbers) : numbers_(numbers) {
    line_.be_quiet_until(start_ + first_shown_after);
}

void ProgressBar::update(const Progress& progress) {
    if (progress.chunks_done == progress.chunks_total) {
        line_.erase();
        start_ = Clock::now();  // another job may follow
        line_.be_quiet_until(start_ + first_shown_after);
        return;
    }
    if (line_.is_due()) {
        line_.show(progress_line(progress, numbers_, Clock::now() - start_, line_.columns()));
    }
}

}  // namespace pinfold::apps
