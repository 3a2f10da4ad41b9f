#pragma once

#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <string>

#include "jobs/primes/method.hpp"

namespace pinfold::apps {

/// How a result is found a second time, to compare.
struct SecondPath {
    enum class Way {
        other_method,   ///< by `method`
        other_borders,  ///< by the first method, over other chunk borders
        detour,         ///< by the combinatorial method, tuned otherwise, up to other numbers
    };
    Way way = Way::other_borders;
    Method method = Method::sieve;
};

/// The quickest other method for what `first` found, if it is predicted to take no more than three
/// times as long. Else a detour for the combinatorial method, and other chunk borders for the rest.
/// A pure function.
[[nodiscard]] SecondPath second_path(Quantity quantity, Range range, Method first);

/// Finds the value that `first` found a second time and says how, such as "by the method hybrid".
///
/// A detour finds the primes up to numbers somewhat beyond both ends of the range by another
/// tuning, and subtracts those in between, which a sieve finds. `settings` are those of the first
/// run. Throws std::runtime_error that gives both values when they differ; else like map_reduce().
[[nodiscard]] std::string verify_total(Pool& pool, Quantity quantity, Range range, Method first,
                                       uint128 value, const JobSettings& settings);

}  // namespace pinfold::apps
