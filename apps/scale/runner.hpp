#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "scale/plan.hpp"
#include "scale/process/child.hpp"
#include "scale/run_output.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

/// A run was ended by a stop request.
class RunStopped : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "the study was stopped"; }
};

/// One run of a configuration that ended well.
struct Run {
    Sample sample;
    RunOutput output;
};

/// Runs configurations of a study, one at a time, and reads what they leave.
class Runner {
  public:
    /// `options` must outlive it.
    Runner(const StudyOptions& options, std::stop_token stop)
        : options_(&options), stop_(std::move(stop)) {}

    /// Runs it once. Its command gets `more` words at the end. `name` is what errors call the run.
    ///
    /// Throws std::runtime_error with the last lines of its error output for a run that did not
    /// end well, std::invalid_argument for one that cannot start or refused its arguments, and
    /// RunStopped.
    [[nodiscard]] Run run(const Configuration& configuration, const std::string& name,
                          const std::vector<std::string>& more = {});

    /// What happened that is no failure, a sentence each.
    [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

  private:
    const StudyOptions* options_;
    std::stop_token stop_;
    std::vector<std::string> notes_;
};

}  // namespace pinfold::apps
