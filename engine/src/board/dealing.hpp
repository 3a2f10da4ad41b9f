#pragma once

// Which chunks a worker tries next. All of it is hints: a chunk belongs to whoever moves its state
// word, or the lease that it lies under, and a chunk that two workers try is run by one. One thing
// is certain: a chunk that is open lies before a cursor, in the batch of a worker on the board, or
// in one that a burial returned. So whoever takes a batch announces it in its line first, and then
// takes it from where it was.

#include <cstdint>

#include "board/batch.hpp"
#include "board/board.hpp"

namespace pinfold::detail {

/// Deals batches of a run's chunks to one worker: first what its predecessor left behind when it
/// died, then from the cursors, then half of what is left of another worker's batch, then what
/// other dead workers left, and last a part of what others have a lease of.
class Dealing {
  public:
    Dealing(const BoardTable& table, WorkerNumber worker) noexcept
        : table_(table), line_(table.lines[worker]), worker_(worker) {}

    /// From now on `next()` deals chunks of this run, first single ones.
    void enter(Board& board, PhaseRun& run) noexcept;

    /// The next batch, by chunks of the run, or an empty one: then the rest of the run is in flight
    /// elsewhere.
    [[nodiscard]] Batch next() noexcept;

    /// Sets the size of batches by how long the last one took.
    void measured(std::int64_t took_ns) noexcept;

  private:
    /// The cursors that hand out the chunks of a run: each has a part of them.
    struct Cursors {
        std::uint32_t own = 0;  ///< where this worker takes from first
        std::uint32_t count = 1;
        bool are_nodes = false;  ///< and not of workers, or one for all
    };

    [[nodiscard]] std::int64_t set_up_ns() const noexcept;
    [[nodiscard]] bool is_limited() const noexcept;
    [[nodiscard]] std::uint64_t chunks_below_limit() const noexcept;
    [[nodiscard]] Cursors cursors_of_nodes() const noexcept;
    [[nodiscard]] Cursors cursors_of_workers() const noexcept;
    [[nodiscard]] std::uint32_t rank_by_node() const noexcept;
    [[nodiscard]] Share share_of_cursor(std::uint32_t number) const noexcept;
    [[nodiscard]] std::uint32_t cursor_after(std::uint32_t others) const noexcept;
    [[nodiscard]] std::uint64_t share_of(std::uint64_t left, bool is_own) const noexcept;
    [[nodiscard]] Batch with_whole_leases(Batch batch) const noexcept;
    [[nodiscard]] bool is_free(std::uint64_t state_index) const noexcept;
    [[nodiscard]] Batch left_of(const ClaimLine& other) const noexcept;
    [[nodiscard]] Batch from_cursors() noexcept;
    [[nodiscard]] Batch from_others() noexcept;
    [[nodiscard]] Batch from_the_dead() noexcept;
    [[nodiscard]] Batch from_leases() noexcept;
    [[nodiscard]] Batch later_half_of(Batch places) noexcept;
    [[nodiscard]] bool ask_for_lease_of(WorkerNumber other, std::uint64_t place) noexcept;
    void claim_for(WorkerNumber other, std::uint64_t lease) noexcept;
    [[nodiscard]] Batch take_returned(std::atomic<std::uint64_t>& returned) noexcept;
    Batch announce(Batch batch) noexcept;

    const BoardTable& table_;
    ClaimLine& line_;
    const WorkerNumber worker_;
    Board* board_ = nullptr;
    PhaseRun* run_ = nullptr;
    Cursors cursors_;
    std::uint64_t size_ = 1;  // of the next batch, in chunks
};

}  // namespace pinfold::detail
