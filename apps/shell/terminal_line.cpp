#include "shell/terminal_line.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>

namespace pinfold::apps {

namespace {

using namespace std::chrono_literals;

// A log file is not to fill with lines.
constexpr auto between_lines = 5s;

void write_quietly(std::string_view text) {
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

/// Whether standard error is a terminal on which a line can be written over.
bool can_erase() {
    const char* const type = std::getenv("TERM");
    const std::string_view name = type == nullptr ? "" : type;
    return standard_error_is_terminal() && !name.empty() && name != "dumb";
}

}  // namespace

bool standard_error_is_terminal() noexcept {
    return isatty(STDERR_FILENO) == 1;
}

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

TerminalLine::TerminalLine() : erasable_(can_erase()) {}

TerminalLine::~TerminalLine() {
    erase();
}

int TerminalLine::columns() const {
    winsize size{};
    const bool known = erasable_ && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : usual_columns;
}

void TerminalLine::show(std::string_view text) {
    if (erasable_) {
        write_quietly(fmt::format("\r{}\x1b[K", text));
        shown_ = true;
    } else {
        write_quietly(fmt::format("{}\n", text));
        next_ = Clock::now() + between_lines;
    }
}

void TerminalLine::erase() {
    if (shown_) {
        write_quietly("\r\x1b[K");
        shown_ = false;
    }
}

}  // namespace pinfold::apps
