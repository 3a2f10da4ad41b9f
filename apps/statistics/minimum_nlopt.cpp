#include <nlopt.h>

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "statistics/minimum.hpp"

namespace pinfold::apps {

namespace {

// Where the objective is of the order of 1, so little is rounding. A quadratic minimum is then
// found to some 1e-8 in its variables.
constexpr double least_progress = 1e-16;
constexpr double least_step = 1e-11;
constexpr int most_looks = 500;
// Nearer to a border than it is found to: on the border.
constexpr double on_the_border = 1e-9;

double look(unsigned count, const double* at, double* gradient, void* objective) {
    double unused[8] = {};
    return (*static_cast<const Objective*>(objective))(
        {at, count}, {gradient != nullptr ? gradient : unused, count});
}

using Optimiser = std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)>;

Optimiser optimiser(const Objective& objective, const std::vector<double>& limits) {
    const auto variables = static_cast<unsigned>(limits.size());
    Optimiser made(nlopt_create(NLOPT_LD_SLSQP, variables), &nlopt_destroy);
    if (made == nullptr) {
        throw std::bad_alloc();
    }
    nlopt_set_min_objective(made.get(), look, const_cast<Objective*>(&objective));
    nlopt_set_lower_bounds1(made.get(), 0);
    nlopt_set_upper_bounds(made.get(), limits.data());
    nlopt_set_ftol_abs(made.get(), least_progress);
    nlopt_set_xtol_abs1(made.get(), least_step);
    nlopt_set_maxeval(made.get(), most_looks);
    return made;
}

}  // namespace

Minimum minimise(const Objective& objective, std::vector<double> start,
                 const std::vector<double>& limits) {
    for (std::size_t variable = 0; variable < start.size(); ++variable) {
        start[variable] = std::clamp(start[variable], 0.0, limits[variable]);
    }
    Minimum found{.at = std::move(start)};
    if (found.at.empty()) {
        found.value = objective({}, {});
        return found;
    }
    const auto search = optimiser(objective, limits);
    const nlopt_result result = nlopt_optimize(search.get(), found.at.data(), &found.value);
    // Limited by rounding means: as near as the numbers allow.
    if (result < 0 && result != NLOPT_ROUNDOFF_LIMITED) {
        throw std::runtime_error(std::string("NLopt: ") + nlopt_result_to_string(result));
    }
    for (std::size_t variable = 0; variable < limits.size(); ++variable) {
        double& at = found.at[variable];
        at = at < on_the_border ? 0 : at > limits[variable] - on_the_border ? limits[variable] : at;
    }
    return found;
}

}  // namespace pinfold::apps
