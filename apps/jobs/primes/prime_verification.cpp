#include "jobs/primes/prime_verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/uint128.hpp>
#include <pinfold/kernels/combinatorial.hpp>

#include "jobs/job_series.hpp"
#include "jobs/primes/combinatorial_job.hpp"
#include "jobs/primes/method_costs.hpp"
#include "jobs/primes/prime_sums.hpp"
#include "jobs/primes/prime_totals.hpp"
#include "jobs/verification.hpp"

namespace pinfold::apps {

namespace {

// Who asks for a check does not want to wait for it much longer than for the result.
constexpr double patience = 3;

/// Whether two methods are the same code over this range: up to 2^32 the hybrid is the sieve.
bool same_way(Method a, Method b, Range range) {
    const auto code = [&](Method method) {
        const bool sieves = method == Method::hybrid && range.end <= uint128{1} << 32;
        return sieves ? Method::sieve : method;
    };
    return code(a) == code(b);
}

/// A total found a second time.
struct SecondTotal {
    uint128 value = 0;
    std::string how;
};

SecondTotal by_method(Pool& pool, Quantity quantity, Range range, Method method,
                      JobSettings settings) {
    settings.grain = prime_sum_grain(method, range);
    const auto total = total_primes(pool, quantity, range, method, settings);
    return {total.value.value, fmt::format("by the method {}", to_string(method))};
}

SecondTotal over_other_borders(Pool& pool, Quantity quantity, Range range, Method method,
                               JobSettings settings) {
    settings.grain = other_grain(range, settings.grain);
    const auto total = total_primes(pool, quantity, range, method, settings);
    return {total.value.value, "over other chunk borders"};
}

/// A split of the work between the parts of the method that moves all of their borders.
kernels::CombinatorialTuning other_tuning(std::uint64_t x, kernels::PrimeTerm term) {
    const kernels::CombinatorialPlan plan = kernels::combinatorial_plan(x, term);
    constexpr double larger = 1.25;
    const auto ratio = [](std::uint64_t a, std::uint64_t b) {
        return static_cast<double>(a) / static_cast<double>(std::max<std::uint64_t>(1, b));
    };
    return {larger * ratio(plan.y, plan.cube_root), larger * ratio(plan.z, plan.y)};
}

/// The total below `end`, which is not 0, by way of a number that lies `distance` further on, or
/// back where 2^64 is near.
uint128 total_by_detour(JobSeries& jobs, Quantity quantity, uint128 end, std::uint64_t distance) {
    const bool onwards = end + distance <= two_to_64;
    const uint128 turn = onwards ? end + distance : end - distance;
    const auto x = static_cast<std::uint64_t>(turn - 1);
    const auto term =
        quantity == Quantity::sum ? kernels::PrimeTerm::prime : kernels::PrimeTerm::one;
    const uint128 below_turn =
        jobs.take(total_primes_up_to(jobs.pool(), term, x, jobs.settings(), other_tuning(x, term)));
    const Range between{static_cast<std::uint64_t>(std::min(end, turn)), std::max(end, turn)};
    const Method method = choose_method(std::nullopt, quantity, between, true).method;
    JobSettings settings = jobs.settings();
    settings.grain = prime_sum_grain(method, between);
    const PrimeTotal part =
        jobs.take(total_primes(jobs.pool(), quantity, between, method, settings));
    return onwards ? below_turn - part.value : below_turn + part.value;
}

SecondTotal by_detour(Pool& pool, Quantity quantity, Range range, const JobSettings& settings) {
    // A sieve of sqrt(end) numbers takes less time than the method itself.
    constexpr double least = 1e5;
    constexpr double most = 1e9;
    const auto distance = static_cast<std::uint64_t>(
        std::clamp(std::sqrt(static_cast<double>(range.end)), least, most));
    JobSeries jobs(pool, settings);
    uint128 total = total_by_detour(jobs, quantity, range.end, distance);
    if (range.begin > 0) {
        total -= total_by_detour(jobs, quantity, range.begin, distance);
    }
    return {total,
            fmt::format("by another tuning, up to a number {} away, and a sieve of those between",
                        distance)};
}

SecondTotal find_again(Pool& pool, Quantity quantity, Range range, Method first,
                       const JobSettings& settings) {
    const SecondPath path = second_path(quantity, range, first);
    switch (path.way) {
        case SecondPath::Way::other_method:
            return by_method(pool, quantity, range, path.method, settings);
        case SecondPath::Way::detour:
            return by_detour(pool, quantity, range, settings);
        case SecondPath::Way::other_borders:
            break;
    }
    return over_other_borders(pool, quantity, range, first, settings);
}

}  // namespace

SecondPath second_path(Quantity quantity, Range range, Method first) {
    const auto seconds = [&](Method method) { return predicted_seconds(method, quantity, range); };
    std::optional<Method> second;
    for (const Method method : {Method::sieve, Method::hybrid, Method::combinatorial}) {
        const bool fits =
            !same_way(method, first, range) && seconds(method) <= patience * seconds(first);
        if (fits && (!second || seconds(method) < seconds(*second))) {
            second = method;
        }
    }
    if (second) {
        return {SecondPath::Way::other_method, *second};
    }
    const bool prefixes = first == Method::combinatorial;
    return {prefixes ? SecondPath::Way::detour : SecondPath::Way::other_borders, first};
}

std::string verify_total(Pool& pool, Quantity quantity, Range range, Method first, uint128 value,
                         const JobSettings& settings) {
    JobSettings again = settings;
    again.journal = {};  // it holds the first run's results
    const SecondTotal second = find_again(pool, quantity, range, first, again);
    if (second.value != value) {
        refuse_disagreement(to_decimal(value), to_decimal(second.value), second.how);
    }
    return second.how;
}

}  // namespace pinfold::apps
