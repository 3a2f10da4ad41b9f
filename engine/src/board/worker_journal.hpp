#pragma once

#include <cstddef>
#include <cstdint>

#include "journal/journal_file.hpp"

namespace pinfold::detail {

struct Board;

/// A worker's way to the journal of the board that it is on.
class WorkerJournal {
  public:
    /// Keeps a result. Maps the file at the first one of a job; throws std::system_error when it
    /// cannot.
    void keep(const Board& board, std::uint64_t index, const std::byte* result);

    /// Lets go of an older job's file.
    void forget() noexcept { mapping_ = {}; }

  private:
    JournalMapping mapping_;
};

}  // namespace pinfold::detail
