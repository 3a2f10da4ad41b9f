#pragma once

#include <optional>
#include <vector>

#include "statistics/law_data.hpp"

namespace pinfold::apps {

/// Amdahl's law (G. M. Amdahl, AFIPS 1967) is the Universal Scalability Law (N. J. Gunther,
/// Guerrilla Capacity Planning, 2007) without crosstalk.
enum class Law { amdahl, usl };

/// A law in figures: n workers take of_one * (1 + contention (n - 1) + crosstalk n (n - 1)) / n
/// seconds, or do of_one * n / (1 + ...) in a second.
struct Coefficients {
    double contention = 0;  ///< the share that is serial, 0 to 1: Gunther's sigma or alpha
    double crosstalk = 0;   ///< the cost of each pair of workers, from 0 on: kappa or beta
    double of_one = 1;      ///< the time, or the throughput, of one worker
};

/// The time of that many workers as a share of the time of one.
[[nodiscard]] double relative_time(const Coefficients& law, double workers);

/// With how many workers it is quickest, at least 1; none without crosstalk, where more are always
/// as quick.
[[nodiscard]] std::optional<double> peak_workers(const Coefficients& law);

/// Coefficients by least squares.
struct FittedLaw {
    Law law = Law::usl;
    Coefficients at;
    double squares = 0;  ///< the sum of squares of all samples about the law

    /// How many coefficients were found: 2 or 3.
    [[nodiscard]] int coefficients() const { return law == Law::amdahl ? 2 : 3; }
};

/// The largest crosstalk that is looked at: two workers then take ten times as long as one.
inline constexpr double most_crosstalk = 10;

/// Fits a law with contention within 0 to 1 and crosstalk from 0 on. of_one follows from these two,
/// so the search is in a plane; it begins at the best points of a coarse grid, or at `starts`.
///
/// Needs more groups than coefficients, else throws std::invalid_argument that names both. Run
/// time: some 20 microseconds.
[[nodiscard]] FittedLaw fit(Law law, const LawData& data,
                            const std::vector<Coefficients>& starts = {});

/// The probability of groups as far from the law, if it were true, as the noise within the groups
/// tells: small where the law does not describe the data. None without repetitions.
[[nodiscard]] std::optional<double> lack_of_fit(const FittedLaw& fitted, const LawData& data);

/// The standard deviation of the groups' means about the law: relative, if they are times.
[[nodiscard]] double residual(const FittedLaw& fitted, const LawData& data);

}  // namespace pinfold::apps
