#pragma once

#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <string_view>

namespace pinfold::apps {

/// The decimal digits of exact Fibonacci numbers, in memory that the pool's workers fill.
class FibonacciDigits {
  public:
    /// Throws std::invalid_argument when F(n) for each n of `range`, or their sum alone, are too
    /// long for GMP or for this machine's memory, naming both sizes. Takes nothing.
    static void check(Range range, bool sum);

    /// Takes room for what check() let pass. Throws std::system_error when there is none.
    FibonacciDigits(Pool& pool, Range range, bool sum);

    /// Finds the numbers in chunks, the sum in a single one. Throws like map_reduce().
    [[nodiscard]] JobReport find(Pool& pool, const JobSettings& settings);

    /// The digits of number `index`, from 0; a sum has index 0. "0" if its chunk was skipped.
    [[nodiscard]] std::string_view operator[](std::uint64_t index) const;

  private:
    Range range_;
    bool sum_;
    shm::Array<char> text_;
};

}  // namespace pinfold::apps
