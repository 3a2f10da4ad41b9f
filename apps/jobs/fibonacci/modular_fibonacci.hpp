#pragma once

#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold::apps {

/// How a chunk's sum of Fibonacci numbers mod m is found.
enum class SumMethod {
    doubling,    ///< as a difference of two numbers, whatever the chunk's length
    recurrence,  ///< term by term, to compare with
};

/// The sum of F(n) mod m over `range`, mod m, on the pool's workers. Throws like map_reduce(), and
/// std::invalid_argument when m is 0.
[[nodiscard]] JobResult<std::uint64_t> sum_fibonacci_mod(Pool& pool, Range range, std::uint64_t m,
                                                         SumMethod method,
                                                         const JobSettings& settings);

/// F(n) mod m for each n of a range, and their sum mod m. A skipped chunk leaves zeros.
struct FibonacciTable {
    shm::Array<std::uint64_t> terms;
    JobResult<std::uint64_t> sum;
};

/// Throws like sum_fibonacci_mod(), and std::system_error when the table does not fit in memory.
[[nodiscard]] FibonacciTable fibonacci_table_mod(Pool& pool, Range range, std::uint64_t m,
                                                 const JobSettings& settings);

}  // namespace pinfold::apps
