#pragma once

#include <chrono>
#include <pinfold/engine/options.hpp>
#include <string>

#include "shell/terminal_line.hpp"

namespace pinfold::apps {

/// One line of progress: a bar, the share that is done, the rate and the remaining time. `numbers`
/// is the size of the whole job; the rate takes all chunks for equally large. The line has at most
/// `columns` - 1 characters: a narrow one has a shorter bar, then no rate, no time and no bar.
[[nodiscard]] std::string progress_line(const Progress& progress, double numbers,
                                        std::chrono::duration<double> elapsed,
                                        int columns = usual_columns);

/// Shows a job's progress on standard error: a line that is written over and over on a terminal,
/// follows its width, and is erased at the end; elsewhere, and on a terminal that cannot erase
/// (TERM is "dumb" or not set), a new line now and then. Short jobs show nothing. No colours, so
/// NO_COLOR changes nothing. Not thread-safe.
class ProgressBar {
  public:
    explicit ProgressBar(double numbers);

    void update(const Progress& progress);

  private:
    using Clock = TerminalLine::Clock;

    double numbers_;
    TerminalLine line_;
    Clock::time_point start_ = Clock::now();
};

}  // namespace pinfold::apps
