#pragma once

#include <functional>
#include <span>
#include <vector>

namespace pinfold::apps {

/// A function of a few variables, to be made small: it returns its value at a point, and writes its
/// gradient there. It throws nothing.
using Objective = std::function<double(std::span<const double> at, std::span<double> gradient)>;

struct Minimum {
    std::vector<double> at;
    double value = 0;
};

/// The least value that is found from `start` on with each variable between 0 and its limit.
/// Variables and values should be of the order of 1. A start outside is moved to the border; one
/// without variables is the objective's only point.
///
/// By sequential quadratic programming (D. Kraft, "A software package for sequential quadratic
/// programming", DFVLR-FB 88-28, 1988) as NLopt has it. Run time: some 10 to 30 looks at the
/// objective. Throws std::runtime_error where NLopt itself fails, such as without memory.
[[nodiscard]] Minimum minimise(const Objective& objective, std::vector<double> start,
                               const std::vector<double>& limits);

}  // namespace pinfold::apps
