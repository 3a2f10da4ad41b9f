#pragma once

#include <string>
#include <vector>

#include "study/analysis.hpp"

// What the sections of the page ask of a study and its analysis.
namespace pinfold::apps::report {

/// The configuration with that index; nullptr where the study has none.
[[nodiscard]] const Configuration* find_configuration(const Study& study, std::size_t index);

/// How many workers a point has; 1 where the study does not know its configuration.
[[nodiscard]] int workers_of(const Study& study, const Point& point);

/// Whether its workers share cores or CPUs, so that the point says less on the program.
[[nodiscard]] bool shares_cores(const Study& study, const Point& point);

/// The command under study as one line that a shell reads back.
[[nodiscard]] std::string shell_line(const std::vector<std::string>& words);

/// The point of a series with the largest speedup; nullptr where none has one.
[[nodiscard]] const Point* best_point(const Series& series);

/// The samples of one configuration that have the number, by rising number.
[[nodiscard]] std::vector<double> numbers_of(const Study& study, std::size_t configuration,
                                             std::optional<double> Sample::*member);

/// "speedup", or with weak scaling "scaled speedup".
[[nodiscard]] std::string speedup_name(const Study& study);

}  // namespace pinfold::apps::report
