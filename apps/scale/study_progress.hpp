#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scale/plan.hpp"
#include "shell/terminal_line.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

/// Which run of a study is next and how long the rest takes, at most `columns` - 1 characters.
/// `left_seconds` below 0 is not known.
[[nodiscard]] std::string study_progress_line(std::size_t run, std::size_t runs,
                                              const std::string& name, double left_seconds,
                                              int columns);

/// Shows on standard error how far a study is. It shows nothing while a run is measured: a line is
/// written before each run, when nothing is running.
class StudyProgress {
  public:
    explicit StudyProgress(bool shown) : shown_(shown) {}

    void show(const Study& study, const std::vector<Turn>& left, const std::string& name);
    void erase() { line_.erase(); }

  private:
    bool shown_;
    TerminalLine line_;
};

/// What the runs that are left will take, by the samples of the same configurations; below 0 where
/// nothing is known.
[[nodiscard]] double seconds_left(const Study& study, const std::vector<Turn>& left);

}  // namespace pinfold::apps
