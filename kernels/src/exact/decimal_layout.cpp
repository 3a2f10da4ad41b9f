#include "exact/decimal_layout.hpp"

#include <algorithm>

#include "exact/gmp_scratch.hpp"
#include "exact/reciprocal.hpp"

namespace pinfold::kernels {
namespace {

constexpr double limb_bits = 64;
constexpr double digits_per_bit = 0.30102999566398120;  // log10 of 2
constexpr double bits_per_digit = 3.3219280948873627;   // log2 of 10, rounded up
constexpr double bits_per_five = 2.3219280948873627;    // log2 of 5, rounded up

// Up to as many bits GMP's mpn_get_str is as fast on one worker, and a matter of microseconds for
// several (exact_fibonacci_bench).
constexpr std::uint64_t short_bits_in_turn = std::uint64_t{64} * 40'000;
constexpr std::uint64_t short_bits_side_by_side = std::uint64_t{64} * 2'000;

// A leaf's digits are taken one limb after the other, which is quadratic; with longer ones it costs
// more than another level (exact_fibonacci_bench).
constexpr std::uint64_t most_leaf_digits = std::uint64_t{19} * 120;

// Enough tasks in the last step to keep many workers busy to the end, each still far longer than a
// claim.
constexpr int levels_in_steps = 6;

}  // namespace

std::size_t fraction_limbs(std::uint64_t digits) noexcept {
    return static_cast<std::size_t>(static_cast<double>(digits) * bits_per_digit / limb_bits) + 2;
}

DecimalLayout::DecimalLayout(std::uint64_t bits, bool in_turn) noexcept
    : in_turn_(in_turn),
      number_limbs_(static_cast<std::size_t>(bits / 64 + 1)),
      leaf_digits_(static_cast<std::uint64_t>(static_cast<double>(bits) * digits_per_bit) + 1) {
    if (bits <= (in_turn ? short_bits_in_turn : short_bits_side_by_side)) {
        return;
    }
    const std::uint64_t all = leaf_digits_;
    while (leaf_digits_ > most_leaf_digits) {
        ++levels_;
        leaf_digits_ = ((all - 1) >> levels_) + 1;
    }
    lowest_ = std::max(0, levels_ - levels_in_steps);
    const std::size_t half = width(levels_ - 1);
    reciprocal_at_ = power_at(levels_);
    quotient_at_ = reciprocal_at_ + half + 2;
    nodes_at_ = quotient_at_ + 2 * half;
    row_limbs_ = nodes(lowest_) * width(lowest_);  // the guards make it the longest row
    marks_at_ = nodes_at_ + 2 * row_limbs_;
    work_limbs_ = marks_at_ + leaves() / sizeof(Limb) + 1;
}

std::size_t DecimalLayout::tasks(std::size_t step) const noexcept {
    if (is_short()) {
        return 1;
    }
    switch (step) {
        case prepare:
            return 1;
        case divide:
            return in_turn_ ? 1 : 2;
        case halve:
            return 2;
        default:
            return nodes(level(step));
    }
}

std::size_t DecimalLayout::power_limbs(int level) const noexcept {
    return static_cast<std::size_t>(static_cast<double>(digits(level)) * bits_per_five /
                                    limb_bits) +
           1;
}

std::size_t DecimalLayout::power_at(int level) const noexcept {
    std::size_t at = 0;
    for (int below = 0; below < level; ++below) {
        at += power_limbs(below) + 1;
    }
    return at;
}

// Each of the sums has what the step takes from its LimbStack, and the longest product.
std::size_t DecimalLayout::scratch_limbs(std::size_t step) const noexcept {
    if (is_short()) {
        // A copy of the number, its digits as GMP gives them, and what GMP takes for itself.
        return number_limbs_ + (leaf_digits_ + 64) / sizeof(Limb) +
               gmp_scratch_limbs(2 * number_limbs_);
    }
    const std::size_t half = width(levels_ - 1) + 2;
    const std::size_t operand = number_limbs_ - std::min(number_limbs_, half) + 4;
    switch (step) {
        case prepare:
            return gmp_scratch_limbs(half);
        case divide:
            return std::max({half + reciprocal_scratch_limbs(half) + gmp_scratch_limbs(2 * half),
                             2 * operand + half + gmp_scratch_limbs(operand + half),
                             2 * number_limbs_ + gmp_scratch_limbs(number_limbs_)});
        case halve:
            return 3 * half + 2 + gmp_scratch_limbs(2 * half + 2);
        default:
            break;
    }
    // A product at each level, and below the lowest level a fraction at each too.
    const std::size_t product = width(level(step)) + power_limbs(level(step));
    const std::size_t fractions = width(level(step)) + 3 * static_cast<std::size_t>(levels_);
    return product + fractions + gmp_scratch_limbs(product);
}

}  // namespace pinfold::kernels
