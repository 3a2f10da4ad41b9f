#pragma once

// The one claim loop, which every crew runs.
//
//   join a board ─► claim ─► map ─► commit ─► ... ─► count the batch ─► last one? advance the phase
//        ▲            │ nothing left                                           │
//        └── leave ◄──┘                                        last phase? ring for the host
//
// A chunk belongs to whoever moves its state word from open to claimed. Which chunks a worker tries
// is a matter of hints: first a batch from a cursor, then, when the cursors are used up, half of
// what is left of another worker's batch, and after a death any open chunk. So a batch needs no
// returning when its worker dies or hangs. A batch grows while its chunks measure short, up to
// about 50 µs.

#include <cstdint>

#include "board/board.hpp"
#include "board/worker_journal.hpp"

namespace pinfold::detail {

/// A worker at its work. It keeps no state that matters: another one may go on at any point.
class ClaimLoop {
  public:
    ClaimLoop(Control& control, int worker) noexcept
        : control_(control),
          line_(control.lines[static_cast<std::size_t>(worker)]),
          worker_(static_cast<unsigned>(worker)) {}

    /// Joins the board in `slot` if it is open and works there while it finds something to claim.
    /// Calls `between()` after each batch, and leaves when that returns false. Returns whether it
    /// took a batch.
    template <typename Between>
    bool work_on(std::uint32_t slot, Between between) {
        const std::uint64_t generation = join(slot);
        if (generation == 0) {
            return false;
        }
        const bool ran = run(between);
        leave(slot, generation);
        return ran;
    }

    /// Works on the open boards, the oldest job first, each while it has anything to claim.
    template <typename Between>
    bool work_on_all(Between between) {
        bool ran = false;
        std::uint64_t generation = 0;
        for (std::uint32_t slot = oldest_after(generation); slot != max_boards;
             slot = oldest_after(generation)) {
            ran |= work_on(slot, between);
        }
        return ran;
    }

  private:
    /// The open board with the lowest generation above `generation`, which it moves there.
    std::uint32_t oldest_after(std::uint64_t& generation) const noexcept;

    std::uint64_t join(std::uint32_t slot) noexcept;
    void leave(std::uint32_t slot, std::uint64_t generation) noexcept;

    template <typename Between>
    bool run(Between& between) {
        bool ran = false;
        while (!board_->complete() && !board_->stopping.load(std::memory_order_acquire)) {
            const std::uint32_t phase = board_->phase.load(std::memory_order_acquire);
            if (phase == board_->runs.size()) {
                break;
            }
            enter(board_->runs[phase]);
            if (run_from_cursors() || steal() || run_after_deaths()) {
                ran = true;
                if (!between()) {
                    break;
                }
            } else if (board_->phase.load(std::memory_order_acquire) == phase) {
                break;  // the rest is in flight elsewhere; its end rings the bell
            }
        }
        return ran;
    }

    /// The cursors that hand out the chunks of a run: each has a part of them.
    struct Cursors {
        std::uint32_t own = 0;  ///< where this worker takes from first
        std::uint32_t count = 1;
    };

    void enter(PhaseRun& run) noexcept;
    [[nodiscard]] std::int64_t set_up_ns() const noexcept;
    [[nodiscard]] Cursors cursors_of_nodes() const noexcept;
    [[nodiscard]] Cursors cursors_of_workers() const noexcept;
    [[nodiscard]] std::uint64_t share_of(std::uint64_t left, bool is_own) const noexcept;
    bool run_from_cursors();
    [[nodiscard]] bool is_open(std::uint64_t state_index) const noexcept;
    bool steal();
    bool run_after_deaths();
    void run_batch(std::uint64_t first, std::uint64_t last);
    template <typename ThisPhase>
    std::uint64_t run_chunks(ThisPhase phase, std::uint64_t first, std::uint64_t last);
    bool map_threw(ChunkState state);
    bool give_back(ChunkState state) noexcept;
    bool lose(ChunkState state, const char* type, const char* text) noexcept;
    void count(std::uint64_t over) noexcept;

    Control& control_;
    WorkerLine& line_;
    const unsigned worker_;
    Board* board_ = nullptr;
    PhaseRun* run_ = nullptr;
    Tally* tally_ = nullptr;
    WorkerJournal journal_;
    std::uint64_t batch_ = 1;  // chunks to take next
    Cursors cursors_;
    const PhaseRun* batch_run_ = nullptr;  // what batch_ and cursors_ are for
    std::uint64_t last_joined_ = 0;        // the generation of that
};

/// Moves the board to its next phase while all chunks of the present one are over; of those who see
/// that, one does it. Rings for the workers, and for the host at the end.
void advance_if_over(Control& control, Board& board) noexcept;

/// Whether the calling thread is inside a map of some job.
[[nodiscard]] bool inside_map() noexcept;

}  // namespace pinfold::detail
