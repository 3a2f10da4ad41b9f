#pragma once

#include <optional>
#include <pinfold/engine/range.hpp>
#include <string>

#include "jobs/primes/method.hpp"

namespace pinfold::apps {

/// What the methods cost, as constants of a model in seconds of one worker. The defaults are those
/// that bench/jobs/method_bench fitted to its runs; docs/kernels.md names the machine.
struct MethodCosts {
    // The sieve: the primes up to sqrt(end) are found and set up, then each number costs the more
    // the more primes sieve. Powers of the root follow both from [0, 10^9) to 2^64.
    double sieve_start = 0.085e-3;
    double sieve_set_up = 0.9e-9;
    double sieve_set_up_power = 0.926;
    double sieve_number = 0.0088e-9;
    double sieve_number_power = 0.211;

    // The hybrid: the same 6542 primes sieve everywhere, and one number in 20 is tested.
    double hybrid_start = 0.096e-3;
    double hybrid_number = 6.1e-9;

    // The combinatorial method, up to x: a power of x, near 2/3 less the power of the logarithm.
    double combinatorial_start = 0.097e-3;
    double combinatorial_sum = 0.946e-9;
    double combinatorial_count = 0.584e-9;
    double combinatorial_power = 0.598;

    // Trial division: sqrt(end) / 3 divisions for each prime, which is one number in ln(end).
    double trial_root = 0.73e-9;  ///< for each number of the range and up to the root
};

/// The seconds that one worker is expected to take for the primes of `range`: a model of the
/// machine that its constants were fitted on, so its ratios carry over and its seconds only nearly.
/// A pure function, the same on every machine, so that a choice by it is too.
[[nodiscard]] double predicted_seconds(Method method, Quantity quantity, Range range,
                                       const MethodCosts& costs = {});

/// A method, and a sentence on why it was taken.
struct Choice {
    Method method = Method::sieve;
    std::string why;
};

/// The method that was asked for, or else the one with the least predicted seconds; with
/// `in_chunks` of those that work a range chunk by chunk, which the combinatorial one does not.
/// Trial division is there to compare with and is taken only when asked for.
[[nodiscard]] Choice choose_method(std::optional<Method> asked, Quantity quantity, Range range,
                                   bool in_chunks = false);

}  // namespace pinfold::apps
