#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/journal_handle.hpp"

namespace pinfold::detail {

struct Board;

/// A worker's way to the journals of the jobs that it works on.
class WorkerJournal {
  public:
    /// Keeps a result of the job on `board`. Opens the file at the first one of a job. Where the
    /// result cannot be kept, the board's JournalPlace says why, and the job goes on.
    void keep(const Board& board, std::uint64_t index, const std::byte* result);

    /// Lets go of the files of jobs that were on `board` before the present one.
    void forget_older(const Board& board) noexcept;

  private:
    struct Kept {
        const Board* board = nullptr;
        std::uint64_t generation = 0;
        JournalHandle handle;
    };

    [[nodiscard]] int keep_in_own(const Board& board, std::uint64_t index, const std::byte* result);
    [[nodiscard]] Kept& kept_for(const Board& board);

    // Of the jobs whose chunks this worker ran in turns; one, as a rule.
    std::vector<Kept> kept_;
};

}  // namespace pinfold::detail
