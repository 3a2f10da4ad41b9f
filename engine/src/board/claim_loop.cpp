#include "board/claim_loop.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "board/phase_parts.hpp"
#include "caught.hpp"
#include "clock.hpp"
#include "reached.hpp"

namespace pinfold::detail {

namespace {

// A turn this long hides what it costs to go from one board to another (some 0.2 µs), and lets a
// short job wait for no more than that, or one chunk, for each other job; chosen by sharing_bench.
constexpr std::int64_t turn_ns = 25'000;

// States and results were last written by another core; fetching their lines for writing this many
// chunks early hides the transfer (job_bench, 4096 empty chunks: 93 to 55 µs).
constexpr std::uint64_t prefetch_distance = 16;

thread_local bool in_map = false;

class InMap {
  public:
    InMap() noexcept : was_(std::exchange(in_map, true)) {}
    ~InMap() { in_map = was_; }
    InMap(const InMap&) = delete;
    InMap& operator=(const InMap&) = delete;

  private:
    const bool was_;  // a serial job may run inside a map
};

bool phase_is_over(const Board& board, const PhaseRun& run) noexcept {
    const bool count_is_exact = board.lost_counts.load(std::memory_order_seq_cst) == 0;
    const std::uint64_t chunks = run.plan.size();
    if (count_is_exact && run.over.load(std::memory_order_seq_cst) == chunks) {
        return true;
    }
    const bool may_skip = board.may_skip(run.first_state);
    const std::uint64_t generation = board.generation;
    const ChunkWord* const states = board.states + run.first_state;
    return std::all_of(states, states + chunks, [&](const ChunkWord& word) {
        const ChunkState state = seen_by(generation, word.load(std::memory_order_acquire));
        return state.kind == ChunkKind::committed || (state.kind == ChunkKind::lost && may_skip);
    });
}

}  // namespace

bool inside_map() noexcept {
    return in_map;
}

// A board is written anew only when no line names its old generation. Naming it first and then
// looking whether it is still open, against the host's closing first and then looking at the lines,
// leaves no order in which the host misses a worker that goes on (both sides are seq_cst).
std::uint64_t ClaimLoop::join(BoardNumber number) noexcept {
    const std::uint64_t generation = table_.open[number].load(std::memory_order_acquire);
    if (generation == 0) {
        return 0;
    }
    line_.board.store(number, std::memory_order_relaxed);
    line_.state_index.store(joining, std::memory_order_relaxed);
    line_.joined.store(generation, std::memory_order_seq_cst);
    if (table_.open[number].load(std::memory_order_seq_cst) != generation) {
        leave(number, generation);
        return 0;
    }
    line_.state_index.store(no_chunk, std::memory_order_relaxed);
    board_ = &table_.boards[number];
    tally_ = &board_->tallies[worker_];
    if (generation != last_joined_) {
        last_joined_ = generation;
        dealt_run_ = nullptr;
        journal_.forget_older(*board_);
    }
    if (tally_->generation.load(std::memory_order_relaxed) != generation) {
        tally_->chunks.store(0, std::memory_order_relaxed);
        tally_->attempts.store(0, std::memory_order_relaxed);
        tally_->busy_ns.store(0, std::memory_order_relaxed);
        tally_->generation.store(generation, std::memory_order_relaxed);
    }
    reached(Step::joined);
    return generation;
}

void ClaimLoop::leave(BoardNumber number, std::uint64_t generation) noexcept {
    reached(Step::before_leave);
    line_.joined.store(0, std::memory_order_seq_cst);
    reached(Step::left);
    // The board may be another job's by now; then this is one ring too many for its host.
    Board& board = table_.boards[number];
    const bool is_closed = table_.open[number].load(std::memory_order_seq_cst) != generation;
    if (is_closed || board.stopping.load(std::memory_order_relaxed)) {
        board.host_bell.ring();
    }
    if (is_closed) {
        table_.freed.ring();
    }
}

BoardNumber ClaimLoop::next_of(std::uint64_t boards) const noexcept {
    const BoardNumber first = (last_board_ + 1) % max_boards;
    const int further = std::countr_zero(std::rotr(boards, static_cast<int>(first)));
    return (first + static_cast<BoardNumber>(further)) % max_boards;
}

bool ClaimLoop::turn_is_over() const noexcept {
    return turn_ns_ >= turn_ns;
}

bool ClaimLoop::others_are_open() const noexcept {
    const std::uint64_t open = table_.open_bits.load(std::memory_order_relaxed);
    return (open & ~bit_of(line_.board.load(std::memory_order_relaxed))) != 0;
}

void ClaimLoop::enter(PhaseRun& run) noexcept {
    run_ = &run;
    if (dealt_run_ != run_) {
        dealt_run_ = run_;
        dealing_.enter(*board_, run);
    }
}

void ClaimLoop::run_batch(Batch batch) {
    line_.batch_first.store(run_->first_state + batch.first, std::memory_order_relaxed);
    line_.batch_last.store(run_->first_state + batch.last, std::memory_order_relaxed);
    const std::uint64_t starts_before = line_.starts.load(std::memory_order_relaxed);
    const std::int64_t began = now_ns();
    const std::uint64_t over = run_->kind == PhaseRun::Kind::stretch
                                   ? run_chunks(MainPhase(*board_, *run_, journal_), batch)
                                   : run_chunks(EarlyPhase(*board_, *run_), batch);
    const std::int64_t took = now_ns() - began;
    dealing_.measured(took);
    turn_ns_ += took;
    const auto add = [](auto& counter, auto value) {
        counter.store(counter.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
    };
    add(tally_->busy_ns, took);
    add(tally_->attempts, line_.starts.load(std::memory_order_relaxed) - starts_before);
    add(tally_->chunks, over);
    reached(Step::batch_over);
    count(over);
}

// Returns how many of the chunks are over by this worker's doing.
template <typename ThisPhase>
std::uint64_t ClaimLoop::run_chunks(const ThisPhase phase, Batch batch) {
    const InMap inside;
    const std::uint64_t generation = board_->generation;
    std::uint64_t starts = line_.starts.load(std::memory_order_relaxed);
    std::uint64_t over = 0;
    for (std::uint64_t i = batch.first; i < batch.last; ++i) {
        if (board_->stopping.load(std::memory_order_relaxed)) {
            break;
        }
        phase.prefetch(std::min(i + prefetch_distance, batch.last));
        // Before the claim: a burial looks for the dead worker's chunk here and nowhere else.
        line_.state_index.store(phase.first_state + i, std::memory_order_relaxed);
        reached(Step::before_claim);
        ChunkWord& word = phase.states[i];
        const unsigned attempts = claim(word, generation, worker_);
        if (attempts == 0) {
            continue;
        }
        line_.starts.store(++starts, std::memory_order_relaxed);
        reached(Step::claimed);
        const ChunkState state{generation, worker_, attempts, ChunkKind::claimed};
        try {
            phase.map(i);
        } catch (...) {
            over += map_threw(state) ? 1U : 0U;
            continue;
        }
        reached(Step::map_returned);
        settle(word, {generation, worker_, attempts, ChunkKind::committed});
        reached(Step::committed);
        ++over;
    }
    return over;
}

// Called while an exception is being handled. Returns whether the job goes on without the chunk.
bool ClaimLoop::map_threw(ChunkState state) {
    const Caught caught;
    if (caught.is_bad_alloc() && board_->retry_bad_alloc && give_back(state)) {
        return false;
    }
    return lose(state, caught.type(), caught.text());
}

// A lack of memory under a worker's limit may pass: it counts as an attempt.
bool ClaimLoop::give_back(ChunkState state) noexcept {
    if (state.attempts == board_->max_attempts) {
        return false;
    }
    state.kind = ChunkKind::open;
    settle(board_->states[line_.state_index.load(std::memory_order_relaxed)], state);
    board_->lost_counts.fetch_add(1, std::memory_order_seq_cst);  // so that somebody looks for it
    return true;
}

// Any other exception is the map's answer and would come again.
bool ClaimLoop::lose(ChunkState state, const char* type, const char* text) noexcept {
    const std::uint64_t at = line_.state_index.load(std::memory_order_relaxed);
    board_->faults->thrown.record(worker_, at, type, text);
    reached(Step::threw);
    state.kind = ChunkKind::lost;
    settle(board_->states[at], state);
    reached(Step::lost);
    if (board_->may_skip(at)) {
        return true;
    }
    board_->stopping.store(true, std::memory_order_release);
    return false;
}

// The count is a hint: a worker may die between its commit and its count. Until the first death it
// is exact, and after that the states are looked at whenever the count, with all that the dead may
// have kept to themselves, could be complete. A death is announced before its states are scanned
// and a worker counts before it looks for deaths, so one of the two sees the whole (all seq_cst).
void ClaimLoop::count(std::uint64_t over) noexcept {
    const std::uint64_t counted = run_->over.fetch_add(over, std::memory_order_seq_cst) + over;
    reached(Step::counted);
    const std::uint64_t lost = board_->lost_counts.load(std::memory_order_seq_cst);
    if (counted + lost * max_batch >= run_->plan.size() && !board_->complete()) {
        advance_if_over(table_, *board_);
    }
}

void advance_if_over(BoardTable& table, Board& board) noexcept {
    std::uint32_t phase = board.phase.load(std::memory_order_acquire);
    bool advanced = false;
    while (phase < board.runs.size() && phase_is_over(board, board.runs[phase])) {
        board.runs[phase].ended_at_ns.store(now_ns(), std::memory_order_relaxed);
        if (board.phase.compare_exchange_strong(phase, phase + 1)) {
            ++phase;
            advanced = true;
            reached(Step::phase_advanced);
        }
    }
    if (advanced && board.runs.size() > 1) {
        table.work->ring();
    }
    if (phase == board.runs.size()) {
        board.host_bell.ring();
        reached(Step::rang);
    }
}

}  // namespace pinfold::detail
