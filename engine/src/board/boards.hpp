#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "board/board.hpp"
#include "board/board_storage.hpp"

namespace pinfold::detail {

/// The host's hand on the boards of a table: it picks a free one for a job, opens and closes it.
///
/// Thread-safety: all members.
class Boards {
  public:
    /// `table.boards` and `table.lines` are set. `workers_may_die` goes onto every board.
    Boards(BoardTable& table, BlockSource& source, bool workers_may_die);

    /// A job's board, closed and given back at the end of its life. Move-only.
    class Seat {
      public:
        Seat(Boards& boards, BoardNumber number) noexcept : boards_(&boards), number_(number) {}
        ~Seat();
        Seat(Seat&& other) noexcept
            : boards_(std::exchange(other.boards_, nullptr)),
              number_(other.number_),
              is_closed_(other.is_closed_) {}
        Seat& operator=(Seat&&) = delete;

        [[nodiscard]] Board& board() const noexcept { return boards_->table_.boards[number_]; }
        [[nodiscard]] BoardNumber number() const noexcept { return number_; }

        /// No worker joins any more. Those that are on it go on until they leave.
        void close() noexcept;

        /// Whether no worker is on the board.
        [[nodiscard]] bool quiet() const noexcept { return boards_->is_quiet(number_); }

        /// Takes the results off the board, whose job must be complete: no map writes there.
        [[nodiscard]] Block take_results() noexcept {
            return boards_->storages_[number_]->take_results();
        }

      private:
        Boards* boards_;
        BoardNumber number_;
        bool is_closed_ = false;
    };

    [[nodiscard]] const BoardTable& table() const noexcept { return table_; }

    /// Writes the job onto a free board and opens it; the caller then rings `table.work`. Returns
    /// nothing when no board is free. Chunks that `journal` has, if there is one, are restored.
    /// Throws what BoardStorage::prepare() throws.
    [[nodiscard]] std::optional<Seat> try_open(const JobSpec& spec, const JournalFile* journal,
                                               std::int64_t began_ns = 0);

    /// Sleeps until a board is free, at most for `longest`.
    void wait_for_free(std::chrono::nanoseconds longest);

    /// Takes back the memory of results that were folded, for a next job.
    void give_back_results(Block results);

    /// Frees the block of a result that lies in a slot, if it has one.
    void free_block_of(const ResultSlot& slot) const noexcept;

  private:
    [[nodiscard]] bool is_quiet(BoardNumber number) const noexcept;
    [[nodiscard]] std::optional<BoardNumber> find_free() const noexcept;
    [[nodiscard]] bool has_free();
    [[nodiscard]] std::optional<BoardNumber> take_free(std::uint64_t& generation);
    void give_back(BoardNumber number) noexcept;

    BoardTable& table_;
    BlockSource& source_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<BoardStorage>> storages_;  // of the boards that were ever taken
    std::vector<bool> taken_;
    std::vector<Block> spare_results_;
    std::uint64_t generation_ = 0;
};

}  // namespace pinfold::detail
