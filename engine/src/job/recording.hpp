#pragma once

#include <pinfold/engine/options.hpp>

#include "board/board.hpp"
#include "timeline/recorded_job.hpp"
#include "timeline/timeline_store.hpp"

namespace pinfold::detail {

/// A job's way into the timeline that its caller gave. Its owner copies the job when it leaves its
/// board, and the rest follows from that at the end of the owner's life.
class Recording {
  public:
    Recording(Timeline& timeline, Crew crew);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    /// Copies what the board has. Nobody runs a chunk of it any more.
    void copy(const BoardTable& table, const Board& board, const char* outcome) noexcept;

  private:
    void copy_chunks(const Board& board);
    void copy_runs(const Board& board);
    void copy_events(const Tracks& tracks);

    TimelineStore& store_;
    Ticks clock_;
    RecordedJob job_;
    bool is_copied_ = false;
    bool is_lost_ = false;
};

}  // namespace pinfold::detail
