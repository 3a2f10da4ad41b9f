#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/journal_mapping.hpp"

namespace pinfold::detail {

struct Board;

/// A worker's way to the journals of the jobs that it works on.
class WorkerJournal {
  public:
    /// Keeps a result of the job on `board`. Maps the file at the first one of a job; throws
    /// std::system_error when it cannot.
    void keep(const Board& board, std::uint64_t index, const std::byte* result);

    /// Lets go of the files of jobs that were on `board` before the present one.
    void forget_older(const Board& board) noexcept;

  private:
    struct Kept {
        const Board* board = nullptr;
        std::uint64_t generation = 0;
        JournalMapping mapping;
    };

    [[nodiscard]] const JournalSlots& slots_of(const Board& board);

    // Of the jobs whose chunks this worker ran in turns; one, as a rule.
    std::vector<Kept> kept_;
};

}  // namespace pinfold::detail
