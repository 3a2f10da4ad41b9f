#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/analysis.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

/// The samples of a study by configuration. The study outlives it.
class MeasuredStudy {
  public:
    explicit MeasuredStudy(const Study& study);

    [[nodiscard]] const Study& study() const noexcept { return study_; }

    /// "job" where every run tells how long its job took, else "command".
    [[nodiscard]] const std::string& measure() const noexcept { return measure_; }

    /// Of a configuration; one whose time is not above 0 is passed over.
    [[nodiscard]] const std::vector<const Sample*>& samples(std::size_t configuration) const;

    /// In the measure.
    [[nodiscard]] double seconds(const Sample& sample) const;

    /// Of all samples of a configuration, for work of 1: with weak scaling its work takes more.
    [[nodiscard]] std::vector<double> seconds_of_unit_work(std::size_t configuration) const;

    /// The configuration with the best serial time: of the bases and of those with a serial crew. A
    /// parallel program with one worker is none. Nothing where no such one was measured.
    [[nodiscard]] std::optional<std::size_t> base() const;

  private:
    const Study& study_;
    std::string measure_;
    std::vector<std::vector<const Sample*>> samples_;
};

/// Whether it runs a program that is not parallel.
[[nodiscard]] bool is_serial(const Configuration& configuration);

/// What the samples of a configuration come to. `base` is what MeasuredStudy found.
[[nodiscard]] Point point_of(const MeasuredStudy& measured, std::size_t configuration,
                             std::optional<std::size_t> base);

}  // namespace pinfold::apps
