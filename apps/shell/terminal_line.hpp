#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace pinfold::apps {

[[nodiscard]] bool standard_error_is_terminal() noexcept;

/// The width of a terminal that does not tell it.
constexpr int usual_columns = 80;

/// 1:02:03 or 2:03, rounded up.
[[nodiscard]] std::string clock_text(double seconds);

/// A line on standard error that is written over and over on a terminal, and erased at the end;
/// elsewhere, and on a terminal that cannot erase (TERM is "dumb" or not set), a new line now and
/// then. An error of the terminal is ignored: progress must never fail a job. Not thread-safe.
class TerminalLine {
  public:
    using Clock = std::chrono::steady_clock;

    TerminalLine();
    ~TerminalLine();
    TerminalLine(const TerminalLine&) = delete;
    TerminalLine& operator=(const TerminalLine&) = delete;

    /// The terminal's width now. It is asked for at each line, so no signal has to tell that it
    /// changed.
    [[nodiscard]] int columns() const;

    void show(std::string_view text);
    void erase();

    /// Shows nothing before that time.
    void be_quiet_until(Clock::time_point time) { next_ = time; }

    /// Whether show() would show something now; a line need not be made otherwise.
    [[nodiscard]] bool is_due() const { return Clock::now() >= next_; }

  private:
    bool erasable_;
    bool shown_ = false;
    Clock::time_point next_{};
};

}  // namespace pinfold::apps
