// Every method's time as a formula of the range, in seconds of one worker. The constants are those
// that bench/method_bench fits to its own runs and prints; docs/kernels.md names the machine.

#include "method_costs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pinfold::apps {

namespace {

constexpr double ns = 1e-9;

// The sieve: each number costs more the more primes sieve, which a power of sqrt(end) follows from
// [0, 10^9) to 2^64; the primes up to there are found and set up first.
constexpr double sieve_start = 0.3e-3;
constexpr double sieve_per_root = 0.17 * ns;
constexpr double sieve_per_number = 0.0081 * ns;
constexpr double sieve_root_power = 0.22;

// The hybrid: the same 6542 primes sieve everywhere, and one number in 20 is tested. Below 2^32 it
// is the sieve, without a shared list of primes.
constexpr double hybrid_start = 0.35e-3;
constexpr double hybrid_per_number = 10 * ns;

// Trial division: the primes decide, one number in ln(end), at sqrt(end) / 3 divisions each.
constexpr double trial_per_root = 0.65 * ns;

double seconds_of_sieve(double numbers, double end) {
    const double root = std::sqrt(end);
    return sieve_start + root * sieve_per_root +
           numbers * sieve_per_number * std::pow(root, sieve_root_power);
}

double seconds_of_trial(double numbers, double end) {
    return numbers * std::sqrt(end) / std::log(end) * trial_per_root;
}

std::string predictions(const std::vector<Method>& methods, Quantity quantity, Range range) {
    std::string text;
    for (const Method method : methods) {
        text += fmt::format("{}{} {:.2g}", text.empty() ? "" : ", ", to_string(method),
                            predicted_seconds(method, quantity, range));
    }
    return text;
}

}  // namespace

double predicted_seconds(Method method, Quantity, Range range) {
    const auto numbers = static_cast<double>(range.size());
    const auto end = static_cast<double>(std::max<uint128>(range.end, 2));
    switch (method) {
        case Method::sieve:
            return seconds_of_sieve(numbers, end);
        case Method::hybrid:
            return hybrid_start + numbers * hybrid_per_number;
        case Method::trial:
            break;
    }
    return seconds_of_trial(numbers, end);
}

Choice choose_method(std::optional<Method> asked, Quantity quantity, Range range) {
    std::vector<Method> candidates{Method::sieve, Method::hybrid};
    if (!asked) {
        const Method quickest = std::ranges::min(candidates, {}, [&](Method method) {
            return predicted_seconds(method, quantity, range);
        });
        return {quickest, "the least of the seconds predicted on one worker: " +
                              predictions(candidates, quantity, range)};
    }
    if (*asked == Method::trial) {
        candidates.push_back(Method::trial);
    }
    return {*asked, "asked for; the seconds predicted on one worker: " +
                        predictions(candidates, quantity, range)};
}

}  // namespace pinfold::apps
