#pragma once

#include <chrono>
#include <pinfold/engine/options.hpp>
#include <string>

namespace pinfold::apps {

[[nodiscard]] bool standard_error_is_terminal() noexcept;

/// One line of progress: a bar, the share that is done, the rate and the remaining time. `numbers`
/// is the size of the whole job; the rate takes all chunks for equally large.
[[nodiscard]] std::string progress_line(const Progress& progress, double numbers,
                                        std::chrono::duration<double> elapsed);

/// Shows a job's progress on standard error: a line that is written over and over on a terminal and
/// erased at the end; elsewhere a new line now and then. Short jobs show nothing. Not thread-safe.
class ProgressBar {
  public:
    explicit ProgressBar(double numbers);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void update(const Progress& progress);

  private:
    using Clock = std::chrono::steady_clock;

    void erase();

    double numbers_;
    bool terminal_;
    bool shown_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point next_;
};

}  // namespace pinfold::apps
