#pragma once

#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <string>

#include "method.hpp"

namespace pinfold::apps {

/// How a result is found a second time, to compare.
struct SecondPath {
    Method method = Method::sieve;
    bool other_borders = false;  ///< the first method once more, over other chunk borders
};

/// The quickest other method for what `first` found, if it is predicted to take no more than three
/// times as long; or else the same one over other chunk borders. A pure function.
[[nodiscard]] SecondPath second_path(Quantity quantity, Range range, Method first);

/// Finds the value that `first` found a second time and says how, such as "by the hybrid".
///
/// `settings` are those of the first run. Throws std::runtime_error that gives both values when
/// they differ; else like map_reduce().
[[nodiscard]] std::string verify_total(Pool& pool, Quantity quantity, Range range, Method first,
                                       uint128 value, const JobSettings& settings);

}  // namespace pinfold::apps
