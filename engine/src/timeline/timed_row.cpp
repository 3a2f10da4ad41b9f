#include "timeline/timed_row.hpp"

#include <algorithm>
#include <utility>

namespace pinfold::detail {

void run_timed(ChunkRow& row, RowCall call, const Tracks& tracks, WorkerNumber worker,
               std::uint64_t first_place, ChunksALook& chunks_a_look) {
    ChunkRow part = row;
    std::int64_t now = tracks.clock.now_in_order();
    do {
        part.at = row.at;
        part.end = std::min(row.at + chunks_a_look.count(), row.end);
        part.now_doing = row.now_doing;
        tracks.begin(worker, first_place + part.at, now);
        call(part);
        const std::int64_t began = std::exchange(now, tracks.clock.now());
        const std::uint64_t named = part.at - row.at;
        tracks.end(worker, named + (part.is_begun ? 1 : 0), now);
        chunks_a_look.measured(now - began, tracks.aim_of_a_look);
        row.at = part.at;
        row.now_doing += named * next_under_lease;
        row.is_begun = part.is_begun;
    } while (row.is_begun && row.go_on_as_it_is());
}

}  // namespace pinfold::detail
