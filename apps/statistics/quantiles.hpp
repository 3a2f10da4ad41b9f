#pragma once

namespace pinfold::apps {

// The distributions that intervals and tests are made with. Boost.Math stands behind them, in one
// source. Pure functions; their arguments are trusted.

/// The probability of at most `successes` heads among `trials` throws of a fair coin.
[[nodiscard]] double fair_coin_cdf(int trials, int successes);

/// The value below which a variable of Fisher's F distribution lies with that probability.
[[nodiscard]] double fisher_quantile(double probability, double numerator_freedom,
                                     double denominator_freedom);

/// The probability that such a variable is above `value`.
[[nodiscard]] double fisher_tail(double value, double numerator_freedom,
                                 double denominator_freedom);

/// The probability that a standard normal variable is above `value`.
[[nodiscard]] double normal_tail(double value);

/// The value below which a standard normal variable lies with that probability.
[[nodiscard]] double normal_quantile(double probability);

}  // namespace pinfold::apps
