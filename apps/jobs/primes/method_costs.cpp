#include "jobs/primes/method_costs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pinfold::apps {

namespace {

double seconds_of_sieve(const MethodCosts& costs, double numbers, double end) {
    const double root = std::sqrt(end);
    return costs.sieve_start + costs.sieve_set_up * std::pow(root, costs.sieve_set_up_power) +
           numbers * costs.sieve_number * std::pow(root, costs.sieve_number_power);
}

/// For the primes below `end`; those below 2 are known.
double seconds_of_prefix(const MethodCosts& costs, Quantity quantity, double end) {
    const double unit =
        quantity == Quantity::sum ? costs.combinatorial_sum : costs.combinatorial_count;
    return end < 2 ? 0
                   : costs.combinatorial_start + unit * std::pow(end, costs.combinatorial_power);
}

double seconds_of_trial(const MethodCosts& costs, double numbers, double end) {
    return numbers * std::sqrt(end) / std::log(end) * costs.trial_root;
}

/// Two digits, and whole seconds from 100 on.
std::string seconds_text(double seconds) {
    return seconds < 100 ? fmt::format("{:.2g}", seconds) : fmt::format("{:.0f}", seconds);
}

std::string predictions(const std::vector<Method>& methods, Quantity quantity, Range range) {
    std::string text;
    for (const Method method : methods) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(method),
                            seconds_text(predicted_seconds(method, quantity, range)));
    }
    return text;
}

}  // namespace

double predicted_seconds(Method method, Quantity quantity, Range range, const MethodCosts& costs) {
    const auto numbers = static_cast<double>(range.size());
    const auto end = static_cast<double>(std::max<uint128>(range.end, 2));
    switch (method) {
        case Method::sieve:
            return seconds_of_sieve(costs, numbers, end);
        case Method::hybrid:
            return costs.hybrid_start + numbers * costs.hybrid_number;
        case Method::combinatorial:
            return seconds_of_prefix(costs, quantity, end) +
                   seconds_of_prefix(costs, quantity, static_cast<double>(range.begin));
        case Method::trial:
            break;
    }
    return seconds_of_trial(costs, numbers, end);
}

Choice choose_method(std::optional<Method> asked, Quantity quantity, Range range, bool in_chunks) {
    std::vector<Method> candidates{Method::sieve, Method::hybrid};
    if (!in_chunks) {
        candidates.push_back(Method::combinatorial);
    }
    if (!asked) {
        const Method quickest = std::ranges::min(candidates, {}, [&](Method method) {
            return predicted_seconds(method, quantity, range);
        });
        return {quickest, "the least of the seconds predicted on one worker: " +
                              predictions(candidates, quantity, range)};
    }
    if (std::ranges::find(candidates, *asked) == candidates.end()) {
        candidates.push_back(*asked);
    }
    return {*asked, "asked for; the seconds predicted on one worker: " +
                        predictions(candidates, quantity, range)};
}

}  // namespace pinfold::apps
