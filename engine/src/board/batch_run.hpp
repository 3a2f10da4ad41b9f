#pragma once

// How a worker runs a batch: in rows of chunks that are its alone. Where it can, it takes a lease
// of lease_chunks chunks for one row; else a row is one chunk that it has claimed. Either way it
// names a chunk in its line before it takes it, and a burial looks there and nowhere else.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/shm/shareable.hpp>

#include "board/batch.hpp"
#include "board/board.hpp"
#include "board/worker_jobs.hpp"
#include "board/worker_journal.hpp"
#include "results/worker_blocks.hpp"

namespace pinfold::detail {

class Caught;

/// Where a worker's maps make results that are too large for a frame.
class OwnResult {
  public:
    /// At least `bytes`, at any alignment that a result may have. Throws std::bad_alloc.
    std::byte* of(std::size_t bytes) {
        if (bytes_ < bytes) {
            memory_.reset();
            bytes_ = 0;
            memory_.reset(static_cast<std::byte*>(::operator new(bytes, alignment)));
            bytes_ = bytes;
        }
        return memory_.get();
    }

  private:
    static constexpr std::align_val_t alignment{shm::largest_alignment};
    struct Delete {
        void operator()(std::byte* memory) const noexcept { ::operator delete(memory, alignment); }
    };

    std::unique_ptr<std::byte, Delete> memory_;
    std::size_t bytes_ = 0;
};

/// What a worker keeps from batch to batch.
struct WorkerTools {
    WorkerTools(shm::Heap* heap, WorkerNumber worker) noexcept : blocks(heap, worker) {}

    WorkerJournal journal;
    WorkerJobs jobs;
    WorkerBlocks blocks;
    OwnResult large;
    ChunksALook chunks_a_look;                        // with a timeline
    std::uint64_t starts_before = ~std::uint64_t{0};  // of workers before this one
    bool takes_leases = false;                        // others can ask for them
};

/// One batch of a run in the hands of its worker.
class BatchRun {
  public:
    BatchRun(Board& board, PhaseRun& run, ClaimLine& line, WorkerNumber worker,
             WorkerTools& tools) noexcept;

    /// Runs what is to be had of the batch. Returns false at an end after which this worker counts
    /// no more: its burial does it, or the job has failed.
    bool run(Batch batch);

  private:
    [[nodiscard]] std::uint64_t place_of(std::uint64_t index) const noexcept;
    void name(std::uint64_t place, bool is_leased) noexcept;
    [[nodiscard]] bool take_lease(std::uint64_t last) noexcept;
    [[nodiscard]] bool claim_one(std::uint64_t last) noexcept;
    void prefetch(std::uint64_t first, std::uint64_t last) const noexcept;
    void heed_condemnation() const noexcept;
    [[nodiscard]] bool run_row();
    [[gnu::noinline, gnu::cold]] void run_on_track(ChunkRow& row);  // out of the way of others
    void end_row(std::uint64_t at, bool is_begun);
    void keep(std::uint64_t index);
    [[nodiscard]] bool map_threw();
    void lose(std::uint64_t place, ChunkState state, const Caught& caught,
              bool is_skipped) noexcept;

    Board& board_;
    PhaseRun& run_;
    ClaimLine& line_;
    const WorkerNumber worker_;
    WorkerTools& tools_;
    const std::uint64_t held_;  // a lease word that says that this worker has it
    const bool has_results_;
    const bool is_large_;
    const bool may_lease_;
    const PhaseMemory memory_;
    ChunkRow row_;

    std::uint64_t starts_;   // of the line, with those under the present lease
    std::uint64_t at_ = 0;   // the next chunk to take, in the run
    std::uint64_t end_ = 0;  // of the present row
    unsigned attempts_ = 1;  // of its first chunk, this one included
    bool is_leased_ = false;
};

/// Waits until a condemnation is carried out or taken back; see oversight.hpp.
void wait_for_verdict(const ClaimLine& line) noexcept;

}  // namespace pinfold::detail
