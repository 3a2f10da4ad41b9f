#pragma once

// Which chunks a worker tries next. All of it is hints: a chunk belongs to whoever moves its state
// word, so a batch needs no returning when its worker dies or hangs, and a chunk that two workers
// try is run by one.

#include <cstdint>

#include "board/board.hpp"

namespace pinfold::detail {

/// Chunks [first, last) of a run, which a worker means to try one after the other.
struct Batch {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    [[nodiscard]] bool empty() const noexcept { return first == last; }
};

/// Deals batches of a run's chunks to one worker: first from the cursors, then half of what is left
/// of another worker's batch, and after a death any open chunk.
class Dealing {
  public:
    Dealing(const BoardTable& table, WorkerNumber worker) noexcept
        : table_(table), line_(table.lines[worker]), worker_(worker) {}

    /// From now on `next()` deals chunks of this run, first single ones.
    void enter(Board& board, PhaseRun& run) noexcept;

    /// The next batch, or an empty one: then the rest of the run is in flight elsewhere.
    [[nodiscard]] Batch next() noexcept;

    /// Sets the size of batches by how long the last one took.
    void measured(std::int64_t took_ns) noexcept;

  private:
    /// The cursors that hand out the chunks of a run: each has a part of them.
    struct Cursors {
        std::uint32_t own = 0;  ///< where this worker takes from first
        std::uint32_t count = 1;
    };

    [[nodiscard]] std::int64_t set_up_ns() const noexcept;
    [[nodiscard]] Cursors cursors_of_nodes() const noexcept;
    [[nodiscard]] Cursors cursors_of_workers() const noexcept;
    [[nodiscard]] std::uint64_t share_of(std::uint64_t left, bool is_own) const noexcept;
    [[nodiscard]] bool is_open(std::uint64_t state_index) const noexcept;
    [[nodiscard]] Batch from_cursors() noexcept;
    [[nodiscard]] Batch from_others() const noexcept;
    [[nodiscard]] Batch from_the_dead() const noexcept;

    const BoardTable& table_;
    const ClaimLine& line_;
    const WorkerNumber worker_;
    Board* board_ = nullptr;
    PhaseRun* run_ = nullptr;
    Cursors cursors_;
    std::uint64_t size_ = 1;  // of the next batch, in chunks
};

}  // namespace pinfold::detail
