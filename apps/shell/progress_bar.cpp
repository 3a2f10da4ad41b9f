#include "shell/progress_bar.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace pinfold::apps {

namespace {

using namespace std::chrono_literals;

// A job that is over by then needs no bar.
constexpr auto first_shown_after = 500ms;
// The engine calls ten times a second; a log file is not to fill with lines.
constexpr auto between_lines = 5s;

// Writing progress must never fail a job.
void write_quietly(std::string_view text) {
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

/// 1:02:03 or 2:03.
std::string clock_text(double seconds) {
    constexpr double longest = 999.0 * 3600;
    if (!(seconds < longest)) {
        return "more than 999 hours";
    }
    const auto whole = static_cast<long>(std::ceil(seconds));
    const long hours = whole / 3600;
    const long minutes = whole / 60 % 60;
    return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                     : fmt::format("{}:{:02}", minutes, whole % 60);
}

/// Whether standard error is a terminal on which a line can be written over.
bool can_erase() {
    const char* const type = std::getenv("TERM");
    const std::string_view name = type == nullptr ? "" : type;
    return standard_error_is_terminal() && !name.empty() && name != "dumb";
}

/// The terminal's width. It is asked for at each line, so no signal has to tell that it changed.
int terminal_columns() {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : usual_columns;
}

/// [=====     ], with `width` characters between the brackets.
std::string bar_text(double share, int width) {
    const int filled = static_cast<int>(share * width);
    return fmt::format("[{:=<{}}{:{}}] ", "", filled, "", width - filled);
}

}  // namespace

bool standard_error_is_terminal() noexcept {
    return isatty(STDERR_FILENO) == 1;
}

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

ProgressBar::ProgressBar(double numbers)
    : numbers_(numbers), erasable_(can_erase()), next_(start_ + first_shown_after) {}

ProgressBar::~ProgressBar() {
    erase();
}

void ProgressBar::update(const Progress& progress) {
    if (progress.chunks_done == progress.chunks_total) {
        erase();
        start_ = Clock::now();  // another job may follow
        next_ = start_ + first_shown_after;
        return;
    }
    const Clock::time_point now = Clock::now();
    if (now < next_) {
        return;
    }
    if (erasable_) {
        const std::string line =
            progress_line(progress, numbers_, now - start_, terminal_columns());
        write_quietly("\r" + line + "\x1b[K");
        shown_ = true;
    } else {
        write_quietly(progress_line(progress, numbers_, now - start_) + "\n");
        next_ = now + between_lines;
    }
}

void ProgressBar::erase() {
    if (shown_) {
        write_quietly("\r\x1b[K");
        shown_ = false;
    }
}

}  // namespace pinfold::apps
