#pragma once

#include <string>
#include <vector>

#include "report/figures/plot_script.hpp"

namespace pinfold::apps::report {

/// At most `most` numbers of workers: those that were measured where they fit, and lie far enough
/// apart on an axis of `pixels`; else powers of 2.
[[nodiscard]] std::vector<Tick> worker_ticks(std::vector<int> workers, const Range& range,
                                             int pixels);

/// Marks of a logarithmic axis: powers of 2, or round numbers where the axis is short.
[[nodiscard]] std::vector<Tick> factor_ticks(const Range& range, std::size_t most);

/// Marks of an axis of times, which is logarithmic: decades with 2 and 5 between them, or round
/// numbers where the axis is short.
[[nodiscard]] std::vector<Tick> time_ticks(const Range& range, std::size_t most);

/// Marks of a linear axis at round numbers. The texts are those of number_text without its zeros.
[[nodiscard]] std::vector<Tick> linear_ticks(const Range& range, std::size_t most);

/// Counts on a logarithmic axis: powers of 10.
[[nodiscard]] std::vector<Tick> count_ticks(const Range& range, std::size_t most);

/// "10 ms", "2.5 s"
[[nodiscard]] std::string short_seconds(double seconds);

}  // namespace pinfold::apps::report
