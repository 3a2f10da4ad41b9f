#pragma once

// The one claim loop, which every crew runs.
//
//   join a board ─► take a batch ─► run it ─► count it ─► last one? advance the phase
//        ▲            │ nothing left, or another's turn              │
//        └── leave ◄──┘                              last phase? ring for the host
//
// Which chunks a worker tries is dealing.hpp's affair, and how it runs them batch_run.hpp's.
//
// Open boards have turns: a worker that has worked on one for turn_ns, or for one chunk that took
// longer, goes on to the next one that is open. Alone, a board keeps its workers.

#include <cstdint>

#include "board/batch_run.hpp"
#include "board/board.hpp"
#include "board/dealing.hpp"
#include "results/in_map.hpp"

namespace pinfold::detail {

/// A worker at its work. It keeps no state that matters: another one may go on at any point.
class ClaimLoop {
  public:
    ClaimLoop(BoardTable& table, WorkerNumber worker) noexcept
        : table_(table),
          line_(table.lines[worker]),
          worker_(worker),
          dealing_(table, worker),
          tools_(table.heap, worker) {}

    /// How a worker is asked what becomes of it.
    struct Asked {
        bool stays = true;         ///< it goes on with whatever it works on
        bool others_wait = false;  ///< something that is no board waits for its turn
    };

    /// Joins the board if it is open and works there while it finds something to claim, up to the
    /// end of its turn if anything else waits. Calls `ask()` after each batch. Returns whether it
    /// took a batch.
    template <typename Ask>
    bool work_on(BoardNumber board, Ask ask) {
        const std::uint64_t generation = join(board);
        if (generation == 0) {
            return false;
        }
        const bool ran = run(ask);
        if (!comes_back_) {
            tools_.jobs.forget(*board_);
        }
        if (!is_spent()) {
            leave(board, generation);
        }
        return ran;
    }

    /// Gives each open board a turn, from the one after the last that had one. Returns whether it
    /// took a batch.
    template <typename Ask>
    bool work_on_all(Ask ask) {
        bool ran = false;
        bool stays = true;
        std::uint64_t to_visit = table_.open_bits.load(std::memory_order_acquire);
        while (to_visit != 0 && stays) {
            last_board_ = next_of(to_visit);
            to_visit &= ~bit_of(last_board_);
            ran |= work_on(last_board_, [&] {
                const Asked asked = ask();
                stays = asked.stays;
                return asked;
            });
            stays = stays && !is_spent();
        }
        if (!tools_.jobs.empty()) {
            tools_.jobs.forget_closed(table_);
        }
        return ran;
    }

    /// Whether this worker is to end, because a map of its found no memory: it does nothing more,
    /// and stays on its board until it is buried.
    [[nodiscard]] bool is_spent() const noexcept {
        return line_.memory_lack.load(std::memory_order_relaxed) != MemoryLack::none;
    }

  private:
    static constexpr std::uint64_t bit_of(BoardNumber board) noexcept {
        return std::uint64_t{1} << board;
    }

    /// Of the boards in the non-empty set `boards`, the next one after last_board_, round and
    /// round.
    [[nodiscard]] BoardNumber next_of(std::uint64_t boards) const noexcept;

    std::uint64_t join(BoardNumber board) noexcept;
    void look_for_fences() noexcept;
    void begin_tally(std::uint64_t generation, std::uint64_t starts) noexcept;
    void leave(BoardNumber board, std::uint64_t generation) noexcept;

    template <typename Ask>
    bool run(Ask& ask) {
        bool ran = false;
        comes_back_ = false;
        turn_ns_ = 0;
        while (!board_->complete() && !board_->stopping.load(std::memory_order_acquire)) {
            const std::uint32_t phase = board_->phase.load(std::memory_order_acquire);
            if (phase == board_->runs.size()) {
                break;
            }
            enter(board_->runs[phase]);
            if (const Batch batch = dealing_.next(); !batch.empty()) {
                run_batch(batch);
                ran = true;
                if (is_spent()) {
                    break;
                }
                const Asked asked = ask();
                comes_back_ =
                    asked.stays && turn_is_over() && (asked.others_wait || others_are_open());
                if (!asked.stays || comes_back_) {
                    break;
                }
            } else if (board_->phase.load(std::memory_order_acquire) == phase) {
                break;  // the rest is in flight elsewhere; its end rings the bell
            }
        }
        return ran;
    }

    [[nodiscard]] bool turn_is_over() const noexcept;
    [[nodiscard]] bool others_are_open() const noexcept;
    void enter(PhaseRun& run) noexcept;
    void run_batch(Batch batch);
    void count() noexcept;
    void tell_who_awaits() noexcept;

    BoardTable& table_;
    ClaimLine& line_;
    const WorkerNumber worker_;
    Dealing dealing_;
    Board* board_ = nullptr;
    PhaseRun* run_ = nullptr;
    Tally* tally_ = nullptr;
    WorkerTools tools_;
    bool comes_back_ = false;             // to its board, after the turns of others
    bool has_looked_for_fences_ = false;  // in its own process
    BoardNumber last_board_ = max_boards - 1;
    std::int64_t turn_ns_ = 0;             // what the batches of this turn took
    const PhaseRun* dealt_run_ = nullptr;  // what dealing_ deals
    std::uint64_t last_joined_ = 0;        // the generation of that
};

/// Moves the board to its next phase while all chunks of the present one are over; of those who see
/// that, one does it. Rings for the workers, and for the host at the end.
void advance_if_over(BoardTable& table, Board& board) noexcept;

}  // namespace pinfold::detail
