#pragma once

#include <optional>

#include "statistics/laws.hpp"

namespace pinfold::apps {

/// A point through which a law has to go: a group's mean as LawData has it.
struct Through {
    double workers = 1;
    double mean = 0;
};

/// What a search may not change.
struct Held {
    std::optional<double> contention;
    std::optional<double> crosstalk;
    std::optional<Through> through;  ///< then of_one follows from it
};

/// The sum of squares of all samples about the best law with this contention and crosstalk, and
/// what of_one is there.
struct Squares {
    double sum = 0;
    double of_one = 1;
    double by_contention = 0;  ///< the sum's derivative
    double by_crosstalk = 0;
};
[[nodiscard]] Squares squares_at(const LawData& data, double contention, double crosstalk,
                                 const std::optional<Through>& through = std::nullopt);

/// The least sum of squares from `start` on, and where it is.
[[nodiscard]] FittedLaw search(Law law, const LawData& data, const Held& held,
                               const Coefficients& start);

}  // namespace pinfold::apps
