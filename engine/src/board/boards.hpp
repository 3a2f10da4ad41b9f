#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "board/board.hpp"
#include "board/board_storage.hpp"

namespace pinfold::detail {

/// The host's hand on the boards of a Control: it picks a free one for a job, opens and closes it.
///
/// Thread-safety: all members; host threads that find no free board wait for one.
class Boards {
  public:
    /// `control.boards` and `control.lines` are set. `retry_bad_alloc` goes onto every board.
    Boards(Control& control, BlockSource& source, bool retry_bad_alloc);

    /// A job's board, closed and given back at the end of its life.
    class Seat {
      public:
        Seat(Boards& boards, std::uint32_t slot) : boards_(boards), slot_(slot) {}
        ~Seat();
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;

        [[nodiscard]] Board& board() const noexcept { return boards_.control_.boards[slot_]; }
        [[nodiscard]] std::uint32_t slot() const noexcept { return slot_; }

        /// No worker joins any more. Those that are on it go on until they leave.
        void close() noexcept;

        /// Whether no worker is on the board.
        [[nodiscard]] bool quiet() const noexcept { return boards_.is_quiet(slot_); }

      private:
        Boards& boards_;
        std::uint32_t slot_;
    };

    /// Writes the job onto a free board and opens it; the caller then rings `control.work`. Calls
    /// `check` from time to time while it waits for a board; what that throws ends the wait. Chunks
    /// that `journal` has, if there is one, are restored. Throws what BoardStorage::prepare()
    /// throws.
    [[nodiscard]] Seat open(const JobSpec& spec, const JournalFile* journal,
                            const std::function<void()>& check);

  private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    [[nodiscard]] bool is_quiet(std::uint32_t slot) const noexcept;
    [[nodiscard]] std::uint32_t find_free() const noexcept;
    [[nodiscard]] std::uint32_t take_free(const std::function<void()>& check);
    [[nodiscard]] std::uint64_t next_generation();
    void give_back(std::uint32_t slot) noexcept;

    Control& control_;
    std::mutex mutex_;
    std::condition_variable given_back_;
    std::vector<BoardStorage> storages_;
    std::vector<bool> taken_;
    std::uint64_t generation_ = 0;
};

}  // namespace pinfold::detail
