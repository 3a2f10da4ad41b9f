#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/row_call.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold {

/// How a phase of a job is cut, what it leaves behind, and which of the job's own chunks need it.
struct PhaseOptions {
    Range range;              ///< what its map is called for, chunk by chunk
    std::uint64_t grain = 0;  ///< 0 takes default_grain(range)
    std::size_t bytes = 0;    ///< of memory that it leaves behind, in the pool's arena

    /// Which of the job's own chunks need it, by their numbers. It runs after the chunks before
    /// `first_chunk` and before the others. When the journal has all of [first_chunk, last_chunk),
    /// it does not run. It may write the memory of an earlier phase anew, in whose place it comes.
    std::uint64_t first_chunk = 0;
    std::uint64_t last_chunk = max_chunks;
};

namespace detail {

/// A phase without its types.
struct Phase {
    PhaseOptions options;
    RowCall call = nullptr;
};

}  // namespace detail

}  // namespace pinfold
