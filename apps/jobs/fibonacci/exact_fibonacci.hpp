#pragma once

#include <cstdint>
#include <functional>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/kernels/decimal_digits.hpp>
#include <pinfold/kernels/exact_fibonacci.hpp>
#include <span>
#include <string_view>

namespace pinfold::apps {

/// Which exact number is wanted, and how it is to be written.
struct ExactQuestion {
    Range range;
    bool sum = false;  ///< the sum over the range instead of F(range.begin)
    kernels::Base base = kernels::Base::decimal;
};

/// How many bytes one worker needs to find an exact sum of Fibonacci numbers below F(n), or any of
/// them, in decimal. Throws std::invalid_argument when F(n) is too long for GMP, naming the limit.
[[nodiscard]] uint128 exact_fibonacci_bytes(uint128 n);

/// An exact Fibonacci number, or a sum of them, found by all workers of a pool together.
///
/// Each step of fast doubling, and of the conversion to decimal, is a phase of one job. What the
/// workers share is taken from the pool before the job starts; what a task takes for itself is
/// heap, and a heap that has too little is a JobFailed.
class ExactFibonacci {
  public:
    /// Throws std::invalid_argument when the value is too long for GMP or for the memory that is
    /// free, naming both sizes. Takes nothing. `options` are those of the pool to be; returns the
    /// arena_bytes that will do for it.
    [[nodiscard]] static std::size_t check(const ExactQuestion& question,
                                           const PoolOptions& options);

    /// Takes room for what check() let pass. Throws std::system_error when there is none.
    ExactFibonacci(Pool& pool, const ExactQuestion& question);

    /// Finds the value. Throws like map_reduce().
    [[nodiscard]] JobReport find(Pool& pool, const JobSettings& settings);

    /// The value that find() found, in binary, without zeros in front: nothing for 0.
    [[nodiscard]] std::span<const kernels::Limb> value() const { return value_; }

    /// The digits that find() found, in order, a piece a call.
    void for_each_piece(const std::function<void(std::string_view)>& use) const;

    /// The parts that the job is made of, and the memory of each.
    struct Plan {
        kernels::FibonacciChain upper;  ///< F(n), or F(end + 1)
        kernels::FibonacciChain lower;  ///< F(begin + 1), to be subtracted for a sum
        kernels::DecimalDigits decimal;
        bool sum;
        kernels::Base base;

        Plan(const ExactQuestion& question, int workers);
        [[nodiscard]] std::size_t value_limbs() const { return upper.value_limbs(); }
        /// The shared limbs: the value, then what a part works on, which for a sum begins with the
        /// number that is subtracted.
        [[nodiscard]] std::size_t limbs() const;
        [[nodiscard]] std::size_t text_bytes() const;
        /// The heap that so many workers need at once.
        [[nodiscard]] std::size_t scratch_bytes(unsigned workers) const;
    };

  private:
    Plan plan_;
    shm::Array<kernels::Limb> limbs_;
    shm::Array<char> text_;
    std::span<const kernels::Limb> value_;  // in limbs_
    std::string_view decimal_;              // in text_
};

}  // namespace pinfold::apps
