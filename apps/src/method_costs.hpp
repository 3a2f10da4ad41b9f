#pragma once

#include <optional>
#include <pinfold/engine/range.hpp>
#include <string>

#include "method.hpp"

namespace pinfold::apps {

/// The seconds that one worker is expected to take for the primes of `range`: a model of the
/// machine that its constants were fitted on, so its ratios carry over and its seconds only nearly.
/// A pure function, the same on every machine, so that a choice by it is too.
[[nodiscard]] double predicted_seconds(Method method, Quantity quantity, Range range);

/// A method, and a sentence on why it was taken.
struct Choice {
    Method method = Method::sieve;
    std::string why;
};

/// The method that was asked for, or else the one with the least predicted seconds. Trial division
/// is there to compare with and is taken only when asked for.
[[nodiscard]] Choice choose_method(std::optional<Method> asked, Quantity quantity, Range range);

}  // namespace pinfold::apps
