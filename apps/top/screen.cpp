#include "top/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "shell/output.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* hide_cursor = "\x1b[?25l";
constexpr std::string_view show_cursor = "\x1b[?25h";
constexpr const char* clear_all = "\x1b[2J";
constexpr const char* to_the_corner = "\x1b[H";
constexpr const char* clear_line = "\x1b[K";
constexpr const char* clear_below = "\x1b[J";

}  // namespace

bool Screen::is_there() {
    const char* const type = std::getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && type != nullptr && std::string_view(type) != "dumb" &&
           *type != '\0';
}

Screen::~Screen() {
    if (is_drawn_) {
        [[maybe_unused]] const ssize_t written =
            ::write(STDOUT_FILENO, show_cursor.data(), show_cursor.size());
    }
}

Screen::Size Screen::size() const {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return {};
    }
    return {size.ws_col, size.ws_row};
}

// The last row stays free: a terminal that is full scrolls at the end of its last line.
void Screen::show(const std::vector<std::string>& lines) {
    Output output;
    if (!is_drawn_) {
        output.write(std::string(hide_cursor) + clear_all);
        is_drawn_ = true;
    }
    output.write(to_the_corner);
    for (const std::string& line : lines) {
        output.write(line + clear_line + "\n");
    }
    output.write(clear_below);
    output.finish();
}

}  // namespace pinfold::apps
