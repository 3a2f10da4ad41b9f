#pragma once

#include <cstdint>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase.hpp>
#include <span>
#include <utility>
#include <vector>

#include "board/block_source.hpp"
#include "board/board.hpp"

namespace pinfold::detail {

class JournalFile;
struct JobSpec;
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
    void drop_phase_memory() noexcept { phase_memory_.clear(); }

    /// Gives back the job's bytes, if they are many; no chunk of it runs any more.
    void drop_large_job() noexcept { large_job_ = Block(); }

    /// The memory of results goes with the job beyond its time on the board, or comes from a job
    /// that is over.
    [[nodiscard]] Block take_results() noexcept { return std::exchange(results_, Block()); }
    [[nodiscard]] bool has_results() const noexcept { return results_.data() != nullptr; }
    void put_results(Block results) noexcept { results_ = std::move(results); }

  private:
    void lay_out_skip_log(Board& board);
    void lay_out_tracks(Board& board, const JobSettings& settings, std::uint64_t chunks);
    void attach(Board& board, const JournalFile* journal, std::span<const Phase> phases);
    void lay_out_frame(Board& board, const JobSpec& spec, const std::vector<PlannedRun>& planned);

    BlockSource* source_;
    std::size_t workers_;
    Block states_;   // only ever chunk states: their old generations keep them valid
    Block leases_;   // the same for the leases
    Block tallies_;  // and for the tallies
    Block thrown_;   // and for what workers throw
    Block death_log_;
    Block skip_log_;  // once a job skips
    Block results_;
    Block tracks_;     // Tracks, the workers' lines and the events, once a job has a timeline
    Block times_;      // of chunks, for that
    Block journal_;    // a JournalPlace, once a job has a journal
    Block frame_;      // phase runs, the job's bytes, the spans of what phases leave
    Block large_job_;  // the job's bytes, where they are too many for it
    std::vector<Block> phase_memory_;
};

}  // namespace pinfold::detail
