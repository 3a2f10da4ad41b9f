#include "job/streaming.hpp"

#include <algorithm>
#include <utility>

#include "board/boards.hpp"
#include "clock.hpp"

namespace pinfold::detail {

namespace {

// Between two looks at the stop token, the deadline and the tree, as batches are between two looks
// at other work.
constexpr std::int64_t row_grows_below_ns = 25'000;
constexpr std::int64_t row_shrinks_above_ns = 100'000;
constexpr std::uint64_t longest_row = 64;

// A host that is woken for each short chunk takes the CPU from whoever runs the next one. So where
// chunks come quickly it sleeps for one further on (stream_bench), and results come later by that.
constexpr std::int64_t awaits_further_below_ns = 100'000;
constexpr std::int64_t awaits_nearer_above_ns = 400'000;
constexpr std::chrono::milliseconds longest_for_one_further_on{2};

/// Frees the block of a result, whether the consumer took it or threw.
class FreesBlock {
  public:
    FreesBlock(const Boards* boards, const std::byte* result) noexcept
        : boards_(boards), result_(result) {}
    ~FreesBlock() {
        if (boards_ != nullptr) {
            boards_->free_block_of(*reinterpret_cast<const ResultSlot*>(result_));
        }
    }
    FreesBlock(const FreesBlock&) = delete;
    FreesBlock& operator=(const FreesBlock&) = delete;

  private:
    const Boards* const boards_;  // of a job whose results lie in slots
    const std::byte* const result_;
};

}  // namespace

Streaming::Streaming(const StreamSpec& spec, const ChunkPlan& plan, const Boards& boards,
                     Board& board, std::uint64_t look_ahead)
    : spec_(spec),
      plan_(plan),
      boards_(boards),
      board_(board),
      look_ahead_(std::min(look_ahead, std::max<std::uint64_t>(plan.size(), 1))),
      consumed_(spec.consumed) {
    raise_limit();
}

// In steps of half the look-ahead: a call costs the host some microseconds. A limit amid a lease
// would make workers claim its chunks one by one.
void Streaming::raise_limit() noexcept {
    const std::uint64_t left = plan_.size() - consumed_;
    std::uint64_t limit = consumed_ + std::min(look_ahead_, left);
    if (look_ahead_ >= 2 * lease_chunks && limit < plan_.size()) {
        limit -= limit % lease_chunks;
    }
    const std::uint64_t step = std::max<std::uint64_t>(look_ahead_ / 2, 1);
    if (limit > limit_ && (limit - limit_ >= step || limit == plan_.size())) {
        opened_ += limit - std::max(limit_, consumed_);
        limit_ = limit;
        board_.claim_limit.store(limit, std::memory_order_seq_cst);
    }
}

std::uint64_t Streaming::take_opened() noexcept {
    return std::exchange(opened_, 0);
}

bool Streaming::consume(const std::stop_token& stop) {
    if (!is_ready()) {
        return false;
    }
    const std::int64_t began = now_ns();
    std::uint64_t done = 0;
    do {
        consume_one();
        ++done;
    } while (opened_ == 0 && done < row_ && is_ready() && !stop.stop_requested());
    const std::int64_t took = now_ns() - began;
    if (took < row_grows_below_ns) {
        row_ = std::min(2 * row_, longest_row);
    } else if (took > row_shrinks_above_ns) {
        row_ = std::max<std::uint64_t>(row_ / 2, 1);
    }
    return true;
}

// Passed before the consumer is called: what it throws ends the job, and it is not called again.
void Streaming::consume_one() {
    const std::uint64_t at = consumed_++;
    if (board_.kind_of(at) == ChunkKind::committed) {
        std::byte* const result = board_.results + at * board_.result_stride;
        const FreesBlock frees(board_.has_slots ? &boards_ : nullptr, result);
        spec_.consume(result, plan_[at]);
    }
    raise_limit();
}

// One further on may be over while the next one is not: then for that.
std::uint64_t Streaming::chunk_to_await() const noexcept {
    const std::uint64_t further = std::min(consumed_ + distance_, limit_ - 1);
    return board_.is_over(further) ? consumed_ : further;
}

// See ClaimLoop::tell_who_awaits() for the other half.
void Streaming::sleep(std::uint32_t bell_seen, std::chrono::nanoseconds longest) {
    if (is_over()) {  // not counted yet by whoever committed the last one, who rings then
        board_.host_bell.wait(bell_seen, longest);
        return;
    }
    const std::uint64_t awaited = chunk_to_await();
    if (awaited != consumed_) {
        longest = std::min<std::chrono::nanoseconds>(longest, longest_for_one_further_on);
    }
    board_.awaited.store(awaited, std::memory_order_seq_cst);
    if (!board_.is_over(awaited)) {
        const std::int64_t began = now_ns();
        board_.host_bell.wait(bell_seen, longest);
        const std::int64_t slept = now_ns() - began;
        if (slept < awaits_further_below_ns) {
            distance_ = std::min(2 * distance_ + 1, look_ahead_ / 4);
        } else if (slept > awaits_nearer_above_ns) {
            distance_ /= 2;
        }
    }
    board_.awaited.store(nothing_awaited, std::memory_order_relaxed);
}

}  // namespace pinfold::detail
