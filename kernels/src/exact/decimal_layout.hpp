#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/kernels/stepwise.hpp>
#include <span>

namespace pinfold::kernels {

/// The limbs of a fraction that stands for m digits: its m digits and at least a limb of guard.
[[nodiscard]] std::size_t fraction_limbs(std::uint64_t digits) noexcept;

/// The sizes of a DecimalDigits and where everything lies in its `work`.
///
/// The text is a binary tree: 2^levels leaves of leaf_digits digits each, level 0; a node of level
/// i stands for digits(i) digits in a row and is held as a fraction of width(i) limbs.
class DecimalLayout {
  public:
    DecimalLayout(std::uint64_t bits, bool in_turn) noexcept;

    /// Numbers so short that GMP finds their digits at once have no tree, that is no levels.
    [[nodiscard]] bool is_short() const noexcept { return levels_ == 0; }
    [[nodiscard]] int levels() const noexcept { return levels_; }
    [[nodiscard]] std::size_t leaves() const noexcept { return std::size_t{1} << levels_; }
    /// The level from which a single task goes on to the leaves.
    [[nodiscard]] int lowest() const noexcept { return lowest_; }
    [[nodiscard]] std::size_t nodes(int level) const noexcept {
        return std::size_t{1} << (levels_ - level);
    }
    [[nodiscard]] std::uint64_t digits(int level) const noexcept { return leaf_digits_ << level; }
    [[nodiscard]] std::size_t width(int level) const noexcept {
        return fraction_limbs(digits(level));
    }
    [[nodiscard]] std::size_t number_limbs() const noexcept { return number_limbs_; }

    // The steps: the powers of five; the reciprocal and the division; its halves as fractions; then
    // from each level to the next, and the rest of the tree. One worker divides by the reciprocal;
    // for several GMP divides meanwhile, which takes longer but waits for nothing.
    static constexpr std::size_t prepare = 0;
    static constexpr std::size_t divide = 1;
    static constexpr std::size_t halve = 2;
    static constexpr std::size_t first_level = 3;
    [[nodiscard]] std::size_t steps() const noexcept {
        return is_short() ? 1 : first_level + static_cast<std::size_t>(levels_ - lowest_);
    }
    [[nodiscard]] std::size_t tasks(std::size_t step) const noexcept;
    /// The level of the nodes that a step from first_level on takes.
    [[nodiscard]] int level(std::size_t step) const noexcept {
        return levels_ - 1 - static_cast<int>(step - first_level);
    }

    /// 5^digits(level), with zeros in front perhaps, and room for one limb more.
    [[nodiscard]] std::size_t power_limbs(int level) const noexcept;
    template <typename T>
    [[nodiscard]] std::span<T> power(std::span<T> work, int level) const noexcept {
        return work.subspan(power_at(level), power_limbs(level) + 1);
    }
    /// 1 / (2 * 10^digits(levels - 1)) but for a power of B.
    template <typename T>
    [[nodiscard]] std::span<T> reciprocal(std::span<T> work) const noexcept {
        return work.subspan(reciprocal_at_, width(levels_ - 1) + 2);
    }
    template <typename T>
    [[nodiscard]] std::span<T> quotient(std::span<T> work) const noexcept {
        return work.subspan(quotient_at_, width(levels_ - 1));
    }
    template <typename T>
    [[nodiscard]] std::span<T> remainder(std::span<T> work) const noexcept {
        return work.subspan(quotient_at_ + width(levels_ - 1), width(levels_ - 1));
    }
    [[nodiscard]] std::span<Limb> node(std::span<Limb> work, int level,
                                       std::size_t index) const noexcept {
        const std::size_t row = nodes_at_ + (level % 2 == 0 ? 0 : row_limbs_);
        return work.subspan(row + index * width(level), width(level));
    }
    /// One byte a leaf.
    template <typename T>
    [[nodiscard]] std::span<T> marks(std::span<T> work) const noexcept {
        return work.subspan(marks_at_, leaves() / sizeof(Limb) + 1);
    }
    [[nodiscard]] std::size_t work_limbs() const noexcept { return work_limbs_; }
    /// What a task takes for itself, GMP's temporaries included.
    [[nodiscard]] std::size_t scratch_limbs(std::size_t step) const noexcept;

  private:
    [[nodiscard]] std::size_t power_at(int level) const noexcept;

    bool in_turn_;
    std::size_t number_limbs_;
    std::uint64_t leaf_digits_;
    int levels_ = 0;
    int lowest_ = 0;
    std::size_t reciprocal_at_ = 0;
    std::size_t quotient_at_ = 0;
    std::size_t nodes_at_ = 0;
    std::size_t row_limbs_ = 0;
    std::size_t marks_at_ = 0;
    std::size_t work_limbs_ = 0;
};

}  // namespace pinfold::kernels
