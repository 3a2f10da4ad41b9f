#pragma once

#include <memory>
#include <pinfold/engine/options.hpp>

#include "harness/runner.hpp"

namespace bench {

// These runners check their own answers, and end the program on a wrong one.

/// What they are given, and what they return once their answer is checked.
inline constexpr Work checked_work{.chunks = 1, .map = Work::Map::empty};
inline constexpr Partial checked_value{.sum = 0, .chunks = 1};

/// A short loop over a chunk's numbers.
enum class LoopBody {
    integer_sum,  ///< the sum of 32-bit integers
    byte_count,   ///< how many bytes have a value
    axpy,         ///< z = a x + y
};

/// How it is written.
enum class LoopStyle {
    by_hand,       ///< no engine: for (std::uint64_t k = begin; k < end; ++k)
    begin_to_end,  ///< a map, with for (auto k = chunk.begin; k < chunk.end; ++k)
    range_for,     ///< a map, with for (auto k : chunk)
};

/// The loop in the calling thread, as a job of the serial crew or by hand, in chunks of one size.
std::unique_ptr<Runner> make_loop(LoopBody body, LoopStyle style);

/// What people write first.
enum class Problem {
    linear_regression,
    histogram,
    monte_carlo_pi,
    mandelbrot,
    matrix_multiply,
    pca,
};

/// By pinfold's front door with its defaults, on two workers.
std::unique_ptr<Runner> make_problem(Problem problem, pinfold::Crew crew);

/// By oneTBB's parallel_reduce or parallel_for with the default partitioner, on two threads, the
/// caller's own included. It calls the same functions on data in the same kind of memory.
std::unique_ptr<Runner> make_problem_by_tbb(Problem problem);

}  // namespace bench
