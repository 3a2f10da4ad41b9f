#include "board/claim_loop.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <typeinfo>
#include <utility>

#include "board/phase_parts.hpp"
#include "clock.hpp"
#include "reached.hpp"

namespace pinfold::detail {

namespace {

// A batch this long hides the cost of taking it (some 0.1 µs on a contended line) and still leaves
// enough batches for a fair end; chosen by job_bench.
constexpr std::int64_t batch_grows_below_ns = 25'000;
constexpr std::int64_t batch_shrinks_above_ns = 50'000;

// Where several workers share a cursor, a batch pays for a set-up. It may last this many of them,
// so that the set-up is a twentieth of it at most.
constexpr std::int64_t batch_to_set_up = 16;

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

void copy_text(std::span<char> to, const char* from) noexcept {
    const std::size_t length = std::min(std::strlen(from), to.size() - 1);
    std::memcpy(to.data(), from, length);
    to[length] = '\0';
}

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

/// The part of a plan that one of the cursors hands out.
struct Part {
    std::uint64_t first;
    std::uint64_t last;
};

Part part_of(std::uint64_t chunks, std::uint32_t cursor, std::uint32_t cursors) noexcept {
    return {chunks * cursor / cursors, chunks * (cursor + 1) / cursors};
}

}  // namespace

bool inside_map() noexcept {
    return in_map;
}

// A board is written anew only when no line names its old generation. Naming it first and then
// looking whether it is still open, against the host's closing first and then looking at the lines,
// leaves no order in which the host misses a worker that goes on (both sides are seq_cst).
std::uint64_t ClaimLoop::join(std::uint32_t slot) noexcept {
    const std::uint64_t generation = control_.open[slot].load(std::memory_order_acquire);
    if (generation == 0) {
        return 0;
    }
    line_.slot.store(slot, std::memory_order_relaxed);
    line_.state_index.store(joining, std::memory_order_relaxed);
    line_.joined.store(generation, std::memory_order_seq_cst);
    if (control_.open[slot].load(std::memory_order_seq_cst) != generation) {
        leave(slot, generation);
        return 0;
    }
    line_.state_index.store(no_chunk, std::memory_order_relaxed);
    board_ = &control_.boards[slot];
    tally_ = &board_->tallies[worker_];
    if (generation != last_joined_) {
        last_joined_ = generation;
        batch_run_ = nullptr;
        journal_.forget();
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

void ClaimLoop::leave(std::uint32_t slot, std::uint64_t generation) noexcept {
    reached(Step::before_leave);
    line_.joined.store(0, std::memory_order_seq_cst);
    reached(Step::left);
    // The board may be another job's by now; then this is one ring too many for its host.
    Board& board = control_.boards[slot];
    if (control_.open[slot].load(std::memory_order_seq_cst) != generation ||
        board.stopping.load(std::memory_order_relaxed)) {
        board.host_bell.ring();
    }
}

std::uint32_t ClaimLoop::oldest_after(std::uint64_t& generation) const noexcept {
    std::uint32_t oldest = max_boards;
    std::uint64_t lowest = last_generation + 1;
    for (std::uint32_t slot = 0; slot < max_boards; ++slot) {
        const std::uint64_t open = control_.open[slot].load(std::memory_order_acquire);
        if (open > generation && open < lowest) {
            lowest = open;
            oldest = slot;
        }
    }
    generation = lowest;
    return oldest;
}

std::int64_t ClaimLoop::set_up_ns() const noexcept {
    const bool is_alone = control_.lines.size() == 1;  // its chunks lie in a row anyway
    return run_->main_call == nullptr || is_alone ? 0 : board_->chunk_set_up_ns;
}

void ClaimLoop::enter(PhaseRun& run) noexcept {
    run_ = &run;
    if (batch_run_ != run_) {
        batch_run_ = run_;
        batch_ = 1;
        cursors_ = set_up_ns() == 0 ? cursors_of_nodes() : cursors_of_workers();
    }
}

ClaimLoop::Cursors ClaimLoop::cursors_of_nodes() const noexcept {
    return {line_.node.load(std::memory_order_relaxed), control_.nodes};
}

// Each worker has a cursor of its own, as far as there are so many. Who ran the chunk before the
// stretch goes on with it.
ClaimLoop::Cursors ClaimLoop::cursors_of_workers() const noexcept {
    const auto workers = static_cast<std::uint32_t>(control_.lines.size());
    const std::uint32_t count = std::min<std::uint32_t>(workers, max_cursors);
    std::uint32_t first = 0;
    if (run_->first_state > board_->first_main_state) {
        const ChunkWord& before = board_->states[run_->first_state - 1];
        first = unpack(before.load(std::memory_order_relaxed)).worker % workers;
    }
    return {(worker_ + workers - first) % workers * count / workers, count};
}

// Without a set-up what is left is shared out by halves, so that all end together. A worker that is
// to run chunks in a row gets them all, of which others may take the later half.
std::uint64_t ClaimLoop::share_of(std::uint64_t left, bool is_own) const noexcept {
    const std::uint64_t workers = control_.lines.size();
    if (set_up_ns() == 0) {
        return left / (2 * workers);
    }
    const std::uint64_t sharers = (workers - 1) / cursors_.count + (is_own ? 1 : 2);
    return (left - 1) / sharers + 1;
}

bool ClaimLoop::run_from_cursors() {
    const std::uint64_t chunks = run_->plan.size();
    for (std::uint32_t k = 0; k < cursors_.count; ++k) {
        const std::uint32_t number = (cursors_.own + k) % cursors_.count;
        const Part part = part_of(chunks, number, cursors_.count);
        std::atomic<std::uint64_t>& cursor = run_->cursors[number].next;
        const std::uint64_t handed_out = cursor.load(std::memory_order_relaxed);
        const std::uint64_t size = part.last - part.first;
        if (handed_out >= size) {
            continue;
        }
        const std::uint64_t share = share_of(size - handed_out, k == 0);
        const std::uint64_t take = std::clamp<std::uint64_t>(share, 1, batch_);
        const std::uint64_t first = cursor.fetch_add(take, std::memory_order_relaxed);
        if (first < size) {
            run_batch(part.first + first, part.first + std::min(first + take, size));
            return true;
        }
    }
    return false;
}

void ClaimLoop::run_batch(std::uint64_t first, std::uint64_t last) {
    line_.batch_first.store(run_->first_state + first, std::memory_order_relaxed);
    line_.batch_last.store(run_->first_state + last, std::memory_order_relaxed);
    const std::uint64_t starts_before = line_.starts.load(std::memory_order_relaxed);
    const std::int64_t began = now_ns();
    const std::uint64_t over = run_->main_call != nullptr
                                   ? run_chunks(MainPhase(*board_, *run_, journal_), first, last)
                                   : run_chunks(EarlyPhase(*board_, *run_), first, last);
    const std::int64_t took = now_ns() - began;
    const std::int64_t worth_a_set_up = batch_to_set_up * set_up_ns();
    if (took < std::max(batch_grows_below_ns, worth_a_set_up)) {
        batch_ = std::min(batch_ * 2, max_batch);
    } else if (took > std::max(batch_shrinks_above_ns, 2 * worth_a_set_up)) {
        batch_ = std::max<std::uint64_t>(1, batch_ / 2);
    }
    const auto add = [](auto& counter, auto value) {
        counter.store(counter.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
    };
    add(tally_->busy_ns, took);
    add(tally_->attempts, line_.starts.load(std::memory_order_relaxed) - starts_before);
    add(tally_->chunks, over);
    reached(Step::batch_over);
    count(over);
}

bool ClaimLoop::is_open(std::uint64_t state_index) const noexcept {
    const std::uint64_t word = board_->states[state_index].load(std::memory_order_relaxed);
    return seen_by(board_->generation, word).kind == ChunkKind::open;
}

// Takes the later half of what is left of the batch of a worker that is on the same board.
bool ClaimLoop::steal() {
    const std::uint64_t begin = run_->first_state;
    const std::uint64_t end = begin + run_->plan.size();
    for (const WorkerLine& other : control_.lines) {
        if (&other == &line_ ||
            other.joined.load(std::memory_order_relaxed) != board_->generation) {
            continue;
        }
        std::uint64_t first = std::max(begin, other.batch_first.load(std::memory_order_relaxed));
        std::uint64_t last = std::min(end, other.batch_last.load(std::memory_order_relaxed));
        const std::uint64_t at = other.state_index.load(std::memory_order_relaxed);
        if (at >= first && at < last) {
            first = at + 1;
        }
        while (last > first && !is_open(last - 1)) {
            --last;
        }
        // A thief that came before works below the last row of open chunks.
        std::uint64_t row = last;
        while (row > first && is_open(row - 1)) {
            --row;
        }
        if (row < last) {
            run_batch(row + (last - row) / 2 - begin, last - begin);
            return true;
        }
    }
    return false;
}

// A dead worker's chunk is open again, and so is the rest of its batch, wherever they lie.
bool ClaimLoop::run_after_deaths() {
    if (board_->lost_counts.load(std::memory_order_seq_cst) == 0) {
        return false;
    }
    const std::uint64_t chunks = run_->plan.size();
    const std::uint64_t begin = run_->first_state;
    std::uint64_t first = 0;
    while (first < chunks && !is_open(begin + first)) {
        ++first;
    }
    std::uint64_t last = first;
    while (last < chunks && last - first < batch_ && is_open(begin + last)) {
        ++last;
    }
    if (first == last) {
        return false;
    }
    run_batch(first, last);
    return true;
}

// Returns how many of the chunks are over by this worker's doing.
template <typename ThisPhase>
std::uint64_t ClaimLoop::run_chunks(const ThisPhase phase, std::uint64_t first,
                                    std::uint64_t last) {
    const InMap inside;
    const std::uint64_t generation = board_->generation;
    std::uint64_t starts = line_.starts.load(std::memory_order_relaxed);
    std::uint64_t over = 0;
    for (std::uint64_t i = first; i < last; ++i) {
        if (board_->stopping.load(std::memory_order_relaxed)) {
            break;
        }
        phase.prefetch(std::min(i + prefetch_distance, last));
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
    try {
        throw;
    } catch (const std::bad_alloc& e) {
        return board_->retry_bad_alloc && give_back(state)
                   ? false
                   : lose(state, "std::bad_alloc", e.what());
    } catch (const abi::__forced_unwind&) {
        throw;  // the thread is being cancelled
    } catch (const std::exception& e) {
        int status = 0;
        char* const name = abi::__cxa_demangle(typeid(e).name(), nullptr, nullptr, &status);
        const bool over = lose(state, name != nullptr ? name : typeid(e).name(), e.what());
        std::free(name);  // __cxa_demangle allocates by malloc
        return over;
    } catch (...) {
        return lose(state, "unknown type", "not derived from std::exception");
    }
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
    const std::uint64_t place = line_.state_index.load(std::memory_order_relaxed);
    std::uint32_t nobody = 0;
    if (board_->faults->thrown.writer.compare_exchange_strong(nobody, worker_ + 1)) {
        board_->faults->thrown.state_index = place;
        copy_text(board_->faults->thrown.type, type);
        copy_text(board_->faults->thrown.text, text);
    }
    reached(Step::threw);
    state.kind = ChunkKind::lost;
    settle(board_->states[place], state);
    reached(Step::lost);
    if (board_->may_skip(place)) {
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
        advance_if_over(control_, *board_);
    }
}

void advance_if_over(Control& control, Board& board) noexcept {
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
        control.work.ring();
    }
    if (phase == board.runs.size()) {
        board.host_bell.ring();
        reached(Step::rang);
    }
}

}  // namespace pinfold::detail
