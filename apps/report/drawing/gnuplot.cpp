#include "report/drawing/gnuplot.hpp"

#include <stdexcept>

#include "report/drawing/child_process.hpp"

namespace pinfold::apps::report {

std::optional<Drawing> Gnuplot::draw(const std::string& script) {
    if (is_given_up_) {
        return std::nullopt;
    }
    // -d: what the user set up for gnuplot would change the figures.
    const ChildOutcome outcome = run_child({tools_.gnuplot, "-d"}, script, tools_.patience);
    problem_ = outcome.problem;
    is_given_up_ = !outcome.try_again;
    if (!outcome.is_good()) {
        return std::nullopt;
    }
    try {
        return drawing_of_gnuplot(outcome.output);
    } catch (const std::invalid_argument& error) {
        problem_ = tools_.gnuplot + " drew something else than was asked for: " + error.what();
        return std::nullopt;
    }
}

}  // namespace pinfold::apps::report
