#pragma once

#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <string_view>

namespace pinfold::apps {

/// The decimal digits of all exact Fibonacci numbers of a range, in memory that the pool's workers
/// fill, each a number at a time.
class ExactTable {
  public:
    /// Throws std::invalid_argument when the numbers or their sum are too long for GMP or for the
    /// memory that is free, naming both sizes. `workers` is as in PoolOptions. Takes nothing.
    static void check(Range range, int workers);

    /// Takes room for what check() let pass. Throws std::system_error when there is none.
    ExactTable(Pool& pool, Range range);

    /// Throws like map_reduce().
    [[nodiscard]] JobReport find(Pool& pool, const JobSettings& settings);

    /// The digits of number `index`, from 0. "0" if its chunk was skipped.
    [[nodiscard]] std::string_view operator[](std::uint64_t index) const;

  private:
    Range range_;
    shm::Array<char> text_;
};

}  // namespace pinfold::apps
