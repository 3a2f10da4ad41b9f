#include "combinatorial/plan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

#include "arithmetic/integer_sqrt.hpp"
#include "combinatorial/leaves/leaves.hpp"

namespace pinfold::kernels {
namespace {

/// The best tunings at powers of ten, and between them by interpolation; see docs/kernels.md.
struct MeasuredTuning {
    double log10_x;
    double y_over_cube_root;
    double z_over_y;
};
constexpr std::array<MeasuredTuning, 5> measured = {
    {{6, 3, 1.5}, {12, 6, 1.8}, {14, 9, 1.8}, {16, 13, 2.2}, {19.3, 18, 2.5}}};

CombinatorialTuning measured_tuning(std::uint64_t x) noexcept {
    const double log10_x = std::log10(static_cast<double>(x));
    std::size_t i = 0;
    while (i + 2 < measured.size() && log10_x > measured[i + 1].log10_x) {
        ++i;
    }
    const MeasuredTuning& low = measured[i];
    const MeasuredTuning& high = measured[i + 1];
    const double part = (log10_x - low.log10_x) / (high.log10_x - low.log10_x);
    return {std::lerp(low.y_over_cube_root, high.y_over_cube_root, part),
            std::lerp(low.z_over_y, high.z_over_y, part)};
}

void require_tuning(const CombinatorialTuning& tuning) {
    for (const double value : {tuning.y_over_cube_root, tuning.z_over_y}) {
        if (!(value >= 0) || std::isinf(value)) {
            throw std::invalid_argument("a tuning of " + std::to_string(value) +
                                        " is not a number of 0 or more");
        }
    }
}

std::uint64_t integer_cube_root(std::uint64_t n) noexcept {
    auto root = static_cast<std::uint64_t>(std::cbrt(static_cast<double>(n)));
    const auto cube = [](std::uint64_t r) { return uint128{r} * r * r; };
    while (cube(root) > n) {
        --root;
    }
    while (cube(root + 1) <= n) {
        ++root;
    }
    return root;
}

std::uint64_t scaled(double factor, std::uint64_t n, std::uint64_t least,
                     std::uint64_t most) noexcept {
    const double product = factor * static_cast<double>(n);
    const auto wanted =
        product < static_cast<double>(most) ? static_cast<std::uint64_t>(product) : most;
    return std::clamp(wanted, least, most);
}

/// The smallest y for which the square root of x / p is at most y for each prime p above the fourth
/// root; it is also above the cube root.
std::uint64_t least_y(const CombinatorialPlan& plan) noexcept {
    std::uint64_t y = std::max(plan.cube_root + 1, integer_sqrt(plan.x / (plan.fourth_root + 1)));
    while (uint128{y} * y * (plan.fourth_root + 1) < plan.x) {
        ++y;
    }
    return y;
}

/// A segment of hard leaves: it should have the size of the first-level cache, but fewer segments
/// than some thousands, for each of them visits every prime.
std::uint64_t hard_segment_bytes(const CombinatorialPlan& plan) noexcept {
    constexpr std::uint64_t smallest = std::uint64_t{1} << 14;
    constexpr std::uint64_t largest = std::uint64_t{1} << 18;
    return std::clamp(std::bit_ceil(integer_sqrt(plan.x / plan.z) / 2), smallest, largest);
}

/// A range that is cut into parts of an eighth of what lies before them, but not outside [least,
/// most].
struct Cut {
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t least;
    std::uint64_t most;

    [[nodiscard]] std::uint64_t after(std::uint64_t border) const noexcept {
        return std::min(end, border + std::clamp(border / 8, least, most));
    }
    [[nodiscard]] std::uint64_t border(std::size_t i) const noexcept {
        std::uint64_t border = begin;
        for (; i > 0; --i) {
            border = after(border);
        }
        return border;
    }
    [[nodiscard]] std::size_t parts() const noexcept {
        std::size_t parts = 0;
        for (std::uint64_t border = begin; border < end; border = after(border)) {
            ++parts;
        }
        return parts;
    }
};

Cut hard_cut(const CombinatorialPlan& plan) noexcept {
    const std::uint64_t segments = plan.x / (plan.z + 1) / (30 * plan.segment_bytes) + 1;
    return {0, segments, 1, std::max<std::uint64_t>(1, segments / 64)};
}

/// Below the cube root of x / z no leaf of a prime is easy.
Cut easy_cut(const CombinatorialPlan& plan) noexcept {
    const std::uint64_t end = plan.cube_root + 1;
    const std::uint64_t begin =
        std::max(largest_first_prime + 1, integer_cube_root(plan.x / plan.z));
    return {std::min(begin, end), end, 64, end};
}

Cut pair_cut(const CombinatorialPlan& plan) noexcept {
    constexpr std::uint64_t least = std::uint64_t{1} << 22;
    const std::uint64_t end = plan.x / (plan.y + 1) + 1;
    return {plan.root, end, least, std::max(least, end / 64)};
}

}  // namespace

CombinatorialPlan combinatorial_plan(std::uint64_t x, PrimeTerm term, CombinatorialTuning tuning) {
    require_tuning(tuning);
    CombinatorialPlan plan;
    plan.x = x;
    plan.term = term;
    if (is_sieved(plan)) {
        return plan;
    }
    const CombinatorialTuning usual = measured_tuning(x);
    const double y_factor =
        tuning.y_over_cube_root > 0 ? tuning.y_over_cube_root : usual.y_over_cube_root;
    const double z_factor = tuning.z_over_y > 0 ? tuning.z_over_y : usual.z_over_y;
    plan.root = integer_sqrt(x);
    plan.cube_root = integer_cube_root(x);
    plan.fourth_root = integer_sqrt(plan.root);
    const std::uint64_t most = std::min(plan.root - 1, largest_cofactor);
    plan.y = scaled(y_factor, plan.cube_root, least_y(plan), most);
    plan.z = scaled(z_factor, plan.y, plan.y, most);
    plan.segment_bytes = hard_segment_bytes(plan);
    return plan;
}

std::uint64_t hard_border(const CombinatorialPlan& plan, std::size_t i) noexcept {
    return hard_cut(plan).border(i);
}

std::uint64_t easy_border(const CombinatorialPlan& plan, std::size_t i) noexcept {
    return easy_cut(plan).border(i);
}

std::uint64_t pair_border(const CombinatorialPlan& plan, std::size_t i) noexcept {
    return pair_cut(plan).border(i);
}

Tasks tasks(const CombinatorialPlan& plan) noexcept {
    if (is_sieved(plan)) {
        return {};
    }
    return {hard_cut(plan).parts(), easy_cut(plan).parts(), pair_cut(plan).parts(),
            factor_entry_from(plan.z + 1) / ordinary_entries + 1};
}

}  // namespace pinfold::kernels
