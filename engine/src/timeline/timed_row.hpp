#pragma once

#include <cstdint>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/detail/row_call.hpp>

#include "timeline/tracks.hpp"

namespace pinfold::detail {

/// Calls a row in parts, with a look at the clock between them: the map's own loop knows nothing of
/// timelines. It commits the chunks of a part but for the last one, which is committed when the
/// times of all are written: here, or, at the row's end, by the caller. `first_place`: that of
/// chunk 0 of the row's plan, even where there is none.
///
/// In a file of its own: beside the loop of all other jobs it would cost them a hundredth of an
/// empty chunk (job_bench).
void run_timed(ChunkRow& row, RowCall call, const Tracks& tracks, WorkerNumber worker,
               std::uint64_t first_place, ChunksALook& chunks_a_look);

}  // namespace pinfold::detail
