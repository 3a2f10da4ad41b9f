#pragma once

#include <pinfold/api.hpp>

namespace pinfold::detail {

/// The points in a row of chunks at which a test ends a worker; see ChunkRow.
enum class RowStep {
    emitted,      // of a keyed job: a pair is in the table of its chunk
    merged,       // of a keyed job: the part of one chunk is in the new table of a partition
    block_taken,  // of a result that its slot has no room for
    written,      // such a result, or one that has room
    mapped,       // its result is written
    committed,    // and so is its state
    given_over,   // and the result's block is the job's
    named,        // the next chunk is
};

/// Where a row comes to one. A test's build puts a header of its own in the place of this one.
constexpr void reached_in_row(RowStep) noexcept {}

}  // namespace pinfold::detail
