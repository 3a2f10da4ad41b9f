#include "statistics/ratio.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

#include "statistics/median.hpp"

namespace pinfold::apps {

namespace {

constexpr double level = 0.95;
// With these many the ends move by less than a hundredth of the interval's width from seed to seed.
constexpr std::size_t resamples = 4000;
constexpr std::size_t fewest_values = 6;

/// A group that draws medians of itself.
class Group {
  public:
    explicit Group(std::span<const double> values)
        : sorted_(values.begin(), values.end()), drawn_(values.size()) {
        if (!std::ranges::all_of(sorted_, [](double value) { return value > 0; })) {
            throw std::invalid_argument("a ratio of medians needs values above 0");
        }
        median_ = median(sorted_);
        std::ranges::sort(sorted_);
    }

    [[nodiscard]] double middle() const { return median_; }
    [[nodiscard]] std::size_t size() const { return sorted_.size(); }

    /// Counts how often each value is drawn, so that nothing has to be sorted.
    double draw(std::mt19937_64& random) {
        std::ranges::fill(drawn_, 0U);
        for (std::size_t draws = 0; draws < size(); ++draws) {
            // std::uniform_int_distribution differs between libraries. The bias is below 2^-32.
            ++drawn_[(random() >> 32U) * size() >> 32U];
        }
        return (at_rank((size() - 1) / 2) + at_rank(size() / 2)) / 2;
    }

  private:
    [[nodiscard]] double at_rank(std::size_t rank) const {
        std::size_t value = 0;
        for (std::size_t below = drawn_[0]; below <= rank; below += drawn_[value]) {
            ++value;
        }
        return sorted_[value];
    }

    std::vector<double> sorted_;
    std::vector<unsigned> drawn_;
    double median_ = 0;
};

}  // namespace

Estimate ratio_of_medians(std::span<const double> over, std::span<const double> under,
                          std::uint64_t seed) {
    Group above(over);
    Group below(under);
    const double ratio = above.middle() / below.middle();
    if (std::min(above.size(), below.size()) < fewest_values) {
        return {.value = ratio, .low = ratio, .high = ratio, .level = 0};
    }
    std::mt19937_64 random(seed);
    std::vector<double> ratios(resamples);
    for (double& drawn : ratios) {
        const double drawn_above = above.draw(random);
        drawn = drawn_above / below.draw(random);
    }
    std::ranges::sort(ratios);
    const auto outside = static_cast<std::size_t>((1 - level) / 2 * resamples);
    return {.value = ratio,
            .low = ratios[outside],
            .high = ratios[resamples - 1 - outside],
            .level = level};
}

}  // namespace pinfold::apps
