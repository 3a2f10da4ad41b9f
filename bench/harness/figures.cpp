#include "harness/figures.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "harness/median.hpp"

namespace bench {
namespace {

double median_share(const Blocks& blocks) {
    std::vector<double> shares;
    for (const Block& block : blocks) {
        for (const Job& job : block) {
            shares.push_back(job.share);
        }
    }
    return median(std::move(shares));
}

/// The seconds of the jobs that count.
std::vector<double> seconds(const Block& block, double least_share) {
    std::vector<double> counted;
    for (const Job& job : block) {
        if (job.share >= least_share) {
            counted.push_back(job.seconds);
        }
    }
    return counted;
}

}  // namespace

Quartiles quartiles(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t quarter = values.size() / 4;
    return {values[quarter], median(values), values[values.size() - 1 - quarter]};
}

double smallest_share(const std::vector<std::uint64_t>& chunks_by_party) {
    const auto all = std::accumulate(chunks_by_party.begin(), chunks_by_party.end(), 0.0);
    if (chunks_by_party.size() < 2 || all == 0) {
        return 1;
    }
    return static_cast<double>(*std::ranges::min_element(chunks_by_party)) / all;
}

std::optional<Figures> figures(const Blocks& own, const Blocks& first, double least_share) {
    Figures result{.share = median_share(own)};
    const double least = result.share < least_share ? 0 : least_share;
    const double least_of_first = median_share(first) < least_share ? 0 : least_share;
    std::vector<double> medians;
    std::vector<double> ratios;
    for (std::size_t round = 0; round < own.size(); ++round) {
        const std::vector<double> mine = seconds(own[round], least);
        const std::vector<double> theirs = seconds(first[round], least_of_first);
        result.dropped += static_cast<int>(own[round].size() - mine.size());
        if (!mine.empty() && !theirs.empty()) {
            medians.push_back(median(mine));
            ratios.push_back(medians.back() / median(theirs));
            result.rounds.push_back({medians.back(), ratios.back()});
        }
    }
    if (medians.empty()) {
        return std::nullopt;
    }
    result.seconds = median(std::move(medians));
    result.vs_first = quartiles(std::move(ratios));
    return result;
}

}  // namespace bench
