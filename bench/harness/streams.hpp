#pragma once

#include <cstdint>
#include <memory>
#include <pinfold/engine/options.hpp>

#include "harness/runner.hpp"

namespace bench {

// These runners check their own answers, and end the program on a wrong one.

/// The numbers that pass a test, some half of `numbers`, as one array in ascending order of where
/// they come from. On two workers.
std::unique_ptr<Runner> make_gather(pinfold::Crew crew, std::uint64_t numbers);

/// How oneTBB's threads join what each of them has.
enum class Join {
    by_the_caller,  ///< one vector that grows, as people write it
    by_all,         ///< each part is copied to its place by some thread, into memory that is new
};

/// The same by oneTBB: an enumerable_thread_specific of vectors, and where each part of them is
/// from. On two threads, the caller's own included.
std::unique_ptr<Runner> make_gather_by_tbb(Join join, std::uint64_t numbers);

/// Lines of numbers in decimal, made of chunks side by side and written to a file in order. A
/// look-ahead of 0 is the default. On two workers.
std::unique_ptr<Runner> make_file_stream(pinfold::Crew crew, std::uint64_t look_ahead);

/// The same by oneTBB's parallel_pipeline, with so many chunks under way at most. On two threads,
/// the caller's own included.
std::unique_ptr<Runner> make_file_pipeline_by_tbb(std::uint64_t most_under_way);

}  // namespace bench
