#pragma once

// A host that consumes results while its job runs:
//
//       consumed        handed out by the cursor        claim_limit
//     ─────────┬──────────────────────────────┬──────────────┬───────────────► chunks
//              └ the next one to consume      └ the next one to claim
//              │◄──────────────── look_ahead, at most ──────►│
//
// The host raises the limit when half of the look-ahead is consumed, and calls the workers that
// went to sleep below it. It sleeps for a chunk that it names in Board::awaited; the worker that
// finds it over after a batch rings. Whoever dies in between is buried, which rings too.
// engine/model/stream.pml is the model.

#include <chrono>
#include <cstdint>
#include <pinfold/engine/detail/run_job.hpp>
#include <stop_token>

#include "board/board.hpp"

namespace pinfold::detail {

class Boards;

/// How many chunks a stream that does not say it looks ahead.
inline constexpr std::uint64_t default_look_ahead = 256;

/// The host's side of a stream, from the opening of its board to its close. Thread-safety: one
/// thread at a time.
class Streaming {
  public:
    /// `look_ahead` is at least 1. Lets workers claim; the caller then calls for them.
    Streaming(const StreamSpec& spec, const ChunkPlan& plan, const Boards& boards, Board& board,
              std::uint64_t look_ahead);

    /// How many chunks were passed, consumed or skipped. The blocks of their results are freed.
    [[nodiscard]] std::uint64_t consumed() const noexcept { return consumed_; }
    [[nodiscard]] bool is_over() const noexcept { return consumed_ == plan_.size(); }

    /// Whether consume() has something to do. Quick, for a caller that spins.
    [[nodiscard]] bool is_ready() const noexcept {
        return consumed_ < plan_.size() && board_.is_over(consumed_);
    }

    /// Consumes results that are ready, for some 100 µs or one that takes longer, until `stop` asks
    /// for an end or workers are to be called. Returns whether there was any. Throws what the
    /// consumer throws.
    bool consume(const std::stop_token& stop);

    /// For how many chunks workers are to be called since the last time.
    [[nodiscard]] std::uint64_t take_opened() noexcept;

    /// Sleeps until a chunk is ready, or the board's bell has rung since `bell_seen`, at most for
    /// `longest`.
    void sleep(std::uint32_t bell_seen, std::chrono::nanoseconds longest);

  private:
    void consume_one();
    void raise_limit() noexcept;
    [[nodiscard]] std::uint64_t chunk_to_await() const noexcept;

    const StreamSpec& spec_;
    const ChunkPlan& plan_;
    const Boards& boards_;
    Board& board_;
    const std::uint64_t look_ahead_;
    std::uint64_t consumed_;
    std::uint64_t limit_ = 0;
    std::uint64_t opened_ = 0;    // since take_opened()
    std::uint64_t row_ = 1;       // so many are consumed between two looks at the clock
    std::uint64_t distance_ = 0;  // from the next chunk to the one that is awaited
};

}  // namespace pinfold::detail
