#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/kernels/stepwise.hpp>
#include <span>
#include <string_view>

namespace pinfold::kernels {

/// The decimal digits of a long number, as a Stepwise calculation. It divides the number by a power
/// of ten once, and multiplies from then on.
///
/// The object holds only sizes. The caller has the number, the text and the memory in between.
/// Steps and tasks depend on the length of the number alone.
///
///     using namespace pinfold::kernels;
///     const std::array<Limb, 2> number{0, 1};  // 2^64
///     const DecimalDigits digits(65);
///     std::vector<char> text(digits.digits());
///     std::vector<Limb> work(digits.work_limbs());
///     run_in_turn(digits, [&](std::size_t step, std::size_t task) {
///         digits.run(step, task, number, text, work);
///     });
///     assert(digits.finish(text, work) == "18446744073709551616");
///
/// Memory: digits() bytes of text and work_limbs() that tasks share, all by the caller. While it
/// runs, a task takes some of the heap; see scratch_bytes() and FibonacciChain.
/// Run time: O(M(n) log n), M(n) being the cost of a product of n bits. Thread-safety: pure.
class PINFOLD_API DecimalDigits {
  public:
    /// For any number below 2^bits. One worker divides with the least work; several divide in a way
    /// that lets them work side by side. The digits are the same.
    explicit DecimalDigits(std::uint64_t bits, int workers = 1) noexcept
        : bits_(bits), in_turn_(workers <= 1) {}

    [[nodiscard]] std::size_t steps() const noexcept;
    [[nodiscard]] std::size_t tasks(std::size_t step) const noexcept;

    /// The length of the text, leading zeros included.
    [[nodiscard]] std::size_t digits() const noexcept;
    [[nodiscard]] std::size_t work_limbs() const noexcept;

    /// The most that `at_once` tasks take of the heap at the same time, with GMP's temporaries.
    [[nodiscard]] std::size_t scratch_bytes(unsigned at_once) const noexcept;

    /// Runs a task. `number` may have leading zeros, and is not changed. `text` has digits()
    /// characters, `work` has work_limbs() limbs. Throws std::invalid_argument when the number is
    /// too long, std::bad_alloc when the heap has too little.
    void run(std::size_t step, std::size_t task, std::span<const Limb> number, std::span<char> text,
             std::span<Limb> work) const;

    /// Settles the digits that depend on their neighbours, and returns the text without leading
    /// zeros; "0" for zero. To be called once, after the last step.
    [[nodiscard]] std::string_view finish(std::span<char> text,
                                          std::span<const Limb> work) const noexcept;

  private:
    std::uint64_t bits_;
    bool in_turn_;
};

}  // namespace pinfold::kernels
