#pragma once

#include <cstdint>
#include <pinfold/engine/detail/run_job.hpp>
#include <vector>

#include "board/block_source.hpp"
#include "board/board.hpp"

namespace pinfold::detail {

struct PlannedRun;

/// The memory behind one board. It belongs to the host, is kept from job to job and grows on
/// demand.
class BoardStorage {
  public:
    BoardStorage(BlockSource& source, std::size_t workers) : source_(&source), workers_(workers) {}

    /// Writes the job onto the board, which no worker may be on. Throws std::invalid_argument for a
    /// phase that cannot be planned, std::system_error or std::bad_alloc when memory is short.
    void prepare(Board& board, const JobSpec& spec, const JournalFile* journal,
                 std::uint64_t generation);

    /// Gives back what the job's phases left behind.
    void drop_left() noexcept { left_.clear(); }

  private:
    void attach(Board& board, const JournalFile* journal, const std::vector<Phase>& phases);
    void lay_out_frame(Board& board, const JobSpec& spec, const std::vector<PlannedRun>& planned);

    BlockSource* source_;
    std::size_t workers_;
    Block states_;   // only ever chunk states: their old generations keep them valid
    Block tallies_;  // the same for the tallies
    Block faults_;   // one FaultRecord
    Block results_;
    Block journal_;  // a JournalPlace, once a job has a journal
    Block frame_;    // phase runs, the job's bytes, the spans of what phases leave
    std::vector<Block> left_;
};

}  // namespace pinfold::detail
