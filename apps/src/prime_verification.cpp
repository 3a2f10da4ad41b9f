#include "prime_verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <pinfold/engine/chunk_plan.hpp>

#include "method_costs.hpp"
#include "number.hpp"
#include "prime_sums.hpp"
#include "prime_totals.hpp"
#include "verification.hpp"

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

JobSettings second_settings(SecondPath path, Range range, const JobSettings& first) {
    JobSettings settings = first;
    settings.journal = {};  // it holds the first run's results
    settings.grain =
        path.other_borders ? other_grain(range, first.grain) : prime_sum_grain(path.method, range);
    return settings;
}

}  // namespace

SecondPath second_path(Quantity quantity, Range range, Method first) {
    const auto seconds = [&](Method method) { return predicted_seconds(method, quantity, range); };
    std::optional<Method> second;
    for (const Method method : {Method::sieve, Method::hybrid}) {
        const bool fits =
            !same_way(method, first, range) && seconds(method) <= patience * seconds(first);
        if (fits && (!second || seconds(method) < seconds(*second))) {
            second = method;
        }
    }
    return second ? SecondPath{*second, false} : SecondPath{first, true};
}

std::string verify_total(Pool& pool, Quantity quantity, Range range, Method first, uint128 value,
                         const JobSettings& settings) {
    const SecondPath path = second_path(quantity, range, first);
    const std::string how = path.other_borders
                                ? "over other chunk borders"
                                : fmt::format("by the method {}", to_string(path.method));
    const auto second =
        total_primes(pool, quantity, range, path.method, second_settings(path, range, settings));
    if (second.value.value != value) {
        refuse_disagreement(to_decimal(value), to_decimal(second.value.value), how);
    }
    return how;
}

}  // namespace pinfold::apps
