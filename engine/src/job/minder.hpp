#pragma once

#include <cstdint>
#include <functional>
#include <pinfold/engine/options.hpp>

#include "board/board.hpp"

namespace pinfold::detail {

/// How a job came to its end.
enum class Ending { complete, failed, cancelled, timed_out };

/// Looks after one running job in the thread that waits for it: deadline, stop request, progress,
/// journal.
class JobMinder {
  public:
    /// `journal` may be null.
    JobMinder(Board& board, const JobSettings& settings, JournalFile* journal);

    /// Looks; stops the board when the job is to end early. Returns whether the job has ended.
    bool look();

    /// Sleeps until something may have changed, at most for a slice of 50 ms.
    void sleep();

    /// How the job ended; only once look() returned true.
    [[nodiscard]] Ending ending() const noexcept { return ending_; }

    /// Tells the progress callback for the last time.
    void finish();

  private:
    void tell_progress();
    [[nodiscard]] bool end(Ending ending) noexcept;

    Board& board_;
    const JobSettings& settings_;
    JournalFile* journal_;
    std::uint64_t chunks_total_ = 0;
    std::int64_t began_ns_;
    std::int64_t next_progress_ns_;
    std::uint32_t bell_seen_ = 0;
    bool ended_ = false;
    Ending ending_ = Ending::complete;
};

}  // namespace pinfold::detail
