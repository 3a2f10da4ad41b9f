#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/kernels/stepwise.hpp>
#include <span>
#include <string>

namespace pinfold::kernels {

/// How an exact Fibonacci number is written.
enum class Base : int {
    decimal = 10,
    hexadecimal = 16,  ///< lower-case digits, no prefix
};

/// The largest n whose exact F(n) is offered: GMP's numbers have at most 2^31 - 1 limbs.
inline constexpr std::uint64_t max_exact_fibonacci = 197'000'000'000;

/// A number of bits that F(n) fits in, at most two more than it needs: n times log2 of the golden
/// ratio.
[[nodiscard]] PINFOLD_API std::uint64_t fibonacci_bits(std::uint64_t n) noexcept;

/// F(n) exactly, in binary, as a Stepwise calculation by fast doubling.
///
/// The object holds only sizes. For several workers each step squares two numbers side by side. For
/// one worker the last step is a single product instead, which is less work. The value is the same.
///
///     using namespace pinfold::kernels;
///     const FibonacciChain chain(90);
///     std::vector<Limb> work(chain.work_limbs());
///     run_in_turn(chain, [&](std::size_t step, std::size_t task) {
///         chain.run(step, task, work);
///     });
///     assert(work[0] == 2'880'067'194'370'816'120);
///
/// Memory: work_limbs() that tasks share, by the caller. While it runs, a task takes some of the
/// heap, see scratch_bytes(); its thread keeps up to 64 MiB of that for its next task.
/// Run time: O(M(n)), M(n) being the cost of a product of n bits. Thread-safety: pure. But the
/// first task of a program replaces GMP's memory functions, once: the new ones serve the thread of
/// a running task, and pass all other calls on to the former ones.
class PINFOLD_API FibonacciChain {
  public:
    /// Throws std::invalid_argument when n > max_exact_fibonacci.
    explicit FibonacciChain(std::uint64_t n, int workers = 1);

    [[nodiscard]] std::size_t steps() const noexcept;
    [[nodiscard]] std::size_t tasks(std::size_t step) const noexcept;
    [[nodiscard]] std::size_t work_limbs() const noexcept;

    /// The most that `at_once` tasks take of the heap at the same time, with GMP's temporaries.
    [[nodiscard]] std::size_t scratch_bytes(unsigned at_once) const noexcept;

    /// Runs a task. `work` may hold anything before the first step. Throws std::bad_alloc when the
    /// heap has too little.
    void run(std::size_t step, std::size_t task, std::span<Limb> work) const;

    /// After the last step the first value_limbs() of `work` are F(n), with leading zeros.
    [[nodiscard]] std::size_t value_limbs() const noexcept;

  private:
    [[nodiscard]] std::uint64_t index(std::size_t step) const noexcept;
    [[nodiscard]] std::size_t last_squares() const noexcept;
    [[nodiscard]] std::size_t square_limbs(std::size_t step) const noexcept;
    [[nodiscard]] std::size_t first_row_limbs() const noexcept;
    [[nodiscard]] std::size_t scratch_limbs() const noexcept;
    [[nodiscard]] std::span<Limb> square(std::size_t step, std::size_t which,
                                         std::span<Limb> work) const noexcept;
    void find_at_once(std::span<Limb> value) const;
    void start(std::span<Limb> work) const;
    void square_sum(std::size_t step, std::size_t which, std::span<Limb> work) const;
    void combine(std::size_t step, int offset, std::span<Limb> sum, std::span<Limb> work) const;
    void multiply_last(std::span<Limb> work) const;

    std::uint64_t n_;
    std::size_t doublings_;  // 0: so few limbs that GMP finds the value at once
    bool in_turn_;
};

/// F(n) exactly, as digits, in the calling thread.
///
/// Run time: O(M(n) log n). Memory: about 15 times the bytes of F(n), checked when it is taken.
/// Thread-safety: pure. Throws: std::invalid_argument when n > max_exact_fibonacci; std::bad_alloc.
[[nodiscard]] PINFOLD_API std::string fibonacci(std::uint64_t n, Base base = Base::decimal);

/// The exact sum of F(i) over begin <= i < end, as digits: F(end + 1) - F(begin + 1).
///
/// Run time, memory: as fibonacci(end + 1). Thread-safety: pure.
/// Throws: std::invalid_argument when end < begin or end >= max_exact_fibonacci; std::bad_alloc.
[[nodiscard]] PINFOLD_API std::string fibonacci_sum(std::uint64_t begin, std::uint64_t end,
                                                    Base base = Base::decimal);

/// difference = a - b, for a >= b. `difference` is as long as `a`. `b` may be longer only by
/// leading zeros.
PINFOLD_API void subtract(std::span<const Limb> a, std::span<const Limb> b,
                          std::span<Limb> difference) noexcept;

/// Writes `value` in lower-case hexadecimal digits, leading zeros included: `text` has 16
/// characters per limb.
PINFOLD_API void write_hexadecimal(std::span<const Limb> value, std::span<char> text) noexcept;

}  // namespace pinfold::kernels
