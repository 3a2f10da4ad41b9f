// The sum of the ranks that the second group has among all values says how far it is above the
// first. If both have the same source, each choice of that many ranks is as likely as any other, so
// the probability of a sum is a count of choices: exact whatever the noise. Ranks of ties are the
// mean of their places; twice of that is whole, so sums are counted in halves.

#include "statistics/rank_test.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>

#include "statistics/median.hpp"
#include "statistics/quantiles.hpp"

namespace pinfold::apps {

namespace {

constexpr std::size_t most_exact = 20;  // of a group: a millisecond

std::vector<double> logarithms(std::span<const double> values) {
    std::vector<double> logs;
    for (const double value : values) {
        if (!std::isfinite(value) || value <= 0) {
            throw std::invalid_argument("a comparison needs values above 0");
        }
        logs.push_back(std::log(value));
    }
    if (logs.empty()) {
        throw std::invalid_argument("a comparison needs values in both groups");
    }
    return logs;
}

/// Twice the ranks of all values, those of `after` last.
std::vector<std::size_t> doubled_ranks(const std::vector<double>& before,
                                       const std::vector<double>& after) {
    std::vector<double> all = before;
    all.insert(all.end(), after.begin(), after.end());
    std::vector<double> sorted = all;
    std::ranges::sort(sorted);
    std::vector<std::size_t> ranks;
    for (const double value : all) {
        const auto first = std::ranges::lower_bound(sorted, value);
        const auto last = std::ranges::upper_bound(sorted, value);
        ranks.push_back(static_cast<std::size_t>(first - sorted.begin()) +
                        static_cast<std::size_t>(last - sorted.begin()) + 1);
    }
    return ranks;
}

/// The probability of each sum of `chosen` of the doubled ranks.
std::vector<double> sums_of(const std::vector<std::size_t>& ranks, std::size_t chosen) {
    const std::size_t most = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
    std::vector<std::vector<double>> ways(chosen + 1, std::vector<double>(most + 1, 0));
    ways[0][0] = 1;
    for (const std::size_t rank : ranks) {
        for (std::size_t count = chosen; count > 0; --count) {
            for (std::size_t sum = most; sum >= rank; --sum) {
                ways[count][sum] += ways[count - 1][sum - rank];
            }
        }
    }
    std::vector<double> sums = std::move(ways[chosen]);
    const double all = std::accumulate(sums.begin(), sums.end(), 0.0);
    for (double& sum : sums) {
        sum /= all;
    }
    return sums;
}

/// Both tails: sums as far from the middle as this one.
double exact_probability(const std::vector<std::size_t>& ranks, std::size_t chosen,
                         std::size_t sum) {
    const std::vector<double> sums = sums_of(ranks, chosen);
    // Twice the mean is whole: `chosen` doubled ranks have the mean chosen * (values + 1).
    const auto middle = static_cast<double>(chosen * (ranks.size() + 1));
    const double off = std::abs(static_cast<double>(sum) - middle);
    double probability = 0;
    for (std::size_t other = 0; other < sums.size(); ++other) {
        if (std::abs(static_cast<double>(other) - middle) >= off) {
            probability += sums[other];
        }
    }
    return std::min(1.0, probability);
}

/// The same for many values, by their variance, which says what ties take.
double normal_probability(const std::vector<std::size_t>& ranks, std::size_t chosen,
                          std::size_t sum) {
    const auto all = static_cast<double>(ranks.size());
    const auto count = static_cast<double>(chosen);
    double squares = 0;
    for (const std::size_t rank : ranks) {
        const double off = static_cast<double>(rank) - (all + 1);
        squares += off * off;
    }
    const double deviation = std::sqrt(count * (all - count) / all / (all - 1) * squares);
    // A step of the doubled sum is 2: the correction for continuity is half of it.
    const double off = std::abs(static_cast<double>(sum) - count * (all + 1)) - 1;
    return deviation > 0 ? std::min(1.0, 2 * normal_tail(std::max(0.0, off) / deviation)) : 1;
}

/// How many of the sorted quotients are left out at each end, and the level that is then inside.
struct Trim {
    std::size_t left_out = 0;
    double level = 0;
};

Trim exact_trim(std::size_t before, std::size_t after, double level) {
    std::vector<std::size_t> ranks(before + after);
    for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
        ranks[rank] = 2 * (rank + 1);
    }
    const std::vector<double> sums = sums_of(ranks, after);
    Trim trim;
    double tail = 0;
    for (std::size_t sum = after * (after + 1);; sum += 2) {
        tail += sums[sum];
        if (1 - 2 * tail < level) {
            return trim;
        }
        trim = {.left_out = trim.left_out + 1, .level = 1 - 2 * tail};
    }
}

Trim normal_trim(std::size_t before, std::size_t after, double level) {
    const auto pairs = static_cast<double>(before * after);
    const double deviation = std::sqrt(pairs * static_cast<double>(before + after + 1) / 12);
    const double left_out =
        std::floor(pairs / 2 - normal_quantile((1 + level) / 2) * deviation + 0.5);
    return left_out < 1 ? Trim{}
                        : Trim{.left_out = static_cast<std::size_t>(left_out), .level = level};
}

Estimate shift(const std::vector<double>& before, const std::vector<double>& after, Trim trim) {
    std::vector<double> shifts;
    for (const double later : after) {
        for (const double earlier : before) {
            shifts.push_back(later - earlier);
        }
    }
    std::ranges::sort(shifts);
    const double middle = std::exp(median(shifts));
    if (trim.left_out == 0) {
        return {.value = middle, .low = middle, .high = middle, .level = 0};
    }
    return {.value = middle,
            .low = std::exp(shifts[trim.left_out - 1]),
            .high = std::exp(shifts[shifts.size() - trim.left_out]),
            .level = trim.level};
}

}  // namespace

RankTest rank_test(std::span<const double> before, std::span<const double> after, double level) {
    const std::vector<double> earlier = logarithms(before);
    const std::vector<double> later = logarithms(after);
    const auto ranks = doubled_ranks(earlier, later);
    const std::size_t sum = std::accumulate(ranks.end() - static_cast<std::ptrdiff_t>(later.size()),
                                            ranks.end(), std::size_t{0});
    if (std::max(earlier.size(), later.size()) <= most_exact) {
        return {.probability = exact_probability(ranks, later.size(), sum),
                .ratio = shift(earlier, later, exact_trim(earlier.size(), later.size(), level))};
    }
    return {.probability = normal_probability(ranks, later.size(), sum),
            .ratio = shift(earlier, later, normal_trim(earlier.size(), later.size(), level))};
}

std::vector<double> holm(const std::vector<double>& probabilities) {
    std::vector<std::size_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t test) { return probabilities[test]; });
    std::vector<double> adjusted(probabilities.size());
    double least = 0;
    for (std::size_t place = 0; place < order.size(); ++place) {
        const auto left = static_cast<double>(order.size() - place);
        least = std::max(least, std::min(1.0, left * probabilities[order[place]]));
        adjusted[order[place]] = least;
    }
    return adjusted;
}

}  // namespace pinfold::apps
