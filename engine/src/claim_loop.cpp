#include "claim_loop.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <typeinfo>
#include <utility>

#include "clock.hpp"
#include "reached.hpp"

namespace pinfold::detail {

namespace {

// A batch this long hides the cost of taking it (some 0.1 µs on a contended line) and still leaves
// enough batches for a fair end; chosen by job_bench.
constexpr std::int64_t batch_grows_below_ns = 25'000;
constexpr std::int64_t batch_shrinks_above_ns = 50'000;

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

/// The part of a plan that cursor `node` of `nodes` hands out.
struct Part {
    std::uint64_t first;
    std::uint64_t last;
};

bool phase_is_over(const Board& board, const PhaseRun& run) noexcept {
    const bool count_is_exact = board.lost_counts.load(std::memory_order_seq_cst) == 0;
    const std::uint64_t chunks = run.plan.size();
    if (count_is_exact && run.over.load(std::memory_order_seq_cst) == chunks) {
        return true;
    }
    const bool may_skip = board.may_skip(run.first_state);
    const ChunkWord* const states = board.states + run.first_state;
    return std::all_of(states, states + chunks, [&](const ChunkWord& word) {
        const ChunkState state = seen_by(board.generation, word.load(std::memory_order_acquire));
        return state.kind == ChunkKind::committed || (state.kind == ChunkKind::lost && may_skip);
    });
}

Part part_of(std::uint64_t chunks, std::uint32_t node, std::uint32_t nodes) noexcept {
    return {chunks * node / nodes, chunks * (node + 1) / nodes};
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
    line_.joined.store(generation, std::memory_order_seq_cst);
    if (control_.open[slot].load(std::memory_order_seq_cst) != generation) {
        leave(slot, generation);
        return 0;
    }
    board_ = &control_.boards[slot];
    tally_ = &board_->tallies[worker_];
    batch_ = generation == last_joined_ ? batch_ : 1;
    last_joined_ = generation;
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

bool ClaimLoop::run_from_cursors() {
    const std::uint64_t chunks = run_->plan.size();
    const std::uint64_t sharers = 2 * control_.lines.size();
    const std::uint32_t own = line_.node.load(std::memory_order_relaxed);
    for (std::uint32_t k = 0; k < control_.nodes; ++k) {
        const std::uint32_t node = (own + k) % control_.nodes;
        const Part part = part_of(chunks, node, control_.nodes);
        std::atomic<std::uint64_t>& cursor = run_->cursors[node].next;
        const std::uint64_t handed_out = cursor.load(std::memory_order_relaxed);
        const std::uint64_t size = part.last - part.first;
        if (handed_out >= size) {
            continue;
        }
        const std::uint64_t fair = std::max<std::uint64_t>(1, (size - handed_out) / sharers);
        const std::uint64_t take = std::min(batch_, fair);
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
    const std::int64_t began = now_ns();
    std::uint64_t over = 0;
    started_in_batch_ = 0;
    for (std::uint64_t i = first; i < last; ++i) {
        prefetch(i + prefetch_distance);
        over += run_chunk(i) ? 1U : 0U;
    }
    const std::int64_t took = now_ns() - began;
    if (took < batch_grows_below_ns) {
        batch_ = std::min(batch_ * 2, max_batch);
    } else if (took > batch_shrinks_above_ns) {
        batch_ = std::max<std::uint64_t>(1, batch_ / 2);
    }
    const auto add = [](auto& counter, auto value) {
        counter.store(counter.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
    };
    add(tally_->busy_ns, took);
    add(tally_->attempts, started_in_batch_);
    add(tally_->chunks, over);
    reached(Step::batch_over);
    count(over);
}

// Takes single chunks from the end of the batches of workers that are on the same board.
bool ClaimLoop::steal() {
    const std::uint64_t begin = run_->first_state;
    const std::uint64_t end = begin + run_->plan.size();
    for (const WorkerLine& other : control_.lines) {
        if (&other == &line_ ||
            other.joined.load(std::memory_order_relaxed) != board_->generation) {
            continue;
        }
        const std::uint64_t first =
            std::max(begin, other.batch_first.load(std::memory_order_relaxed));
        const std::uint64_t last = std::min(end, other.batch_last.load(std::memory_order_relaxed));
        for (std::uint64_t i = last; i > first; --i) {
            const std::uint64_t word = board_->states[i - 1].load(std::memory_order_relaxed);
            if (seen_by(board_->generation, word).kind != ChunkKind::open) {
                break;
            }
            run_batch(i - 1 - begin, i - begin);
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
    for (std::uint64_t i = 0; i < chunks; ++i) {
        const std::uint64_t word =
            board_->states[run_->first_state + i].load(std::memory_order_relaxed);
        if (seen_by(board_->generation, word).kind == ChunkKind::open) {
            run_batch(i, i + 1);
            return true;
        }
    }
    return false;
}

void ClaimLoop::prefetch(std::uint64_t index) const noexcept {
    if (index < run_->plan.size()) {
        __builtin_prefetch(board_->states + run_->first_state + index, 1);
        if (run_->main_call != nullptr) {
            __builtin_prefetch(board_->results + index * board_->result_stride, 1);
        }
    }
}

// Returns whether the chunk is over by this worker's doing.
bool ClaimLoop::run_chunk(std::uint64_t index) {
    if (board_->stopping.load(std::memory_order_relaxed)) {
        return false;
    }
    ChunkWord& word = board_->states[run_->first_state + index];
    // Before the claim: a burial looks for the dead worker's chunk here and nowhere else.
    line_.state_index.store(run_->first_state + index, std::memory_order_relaxed);
    reached(Step::before_claim);
    const unsigned attempts = claim(word, board_->generation, worker_);
    if (attempts == 0) {
        return false;
    }
    line_.starts.store(line_.starts.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    ++started_in_batch_;
    reached(Step::claimed);
    return call_map(index, {board_->generation, worker_, attempts, ChunkKind::claimed});
}

bool ClaimLoop::call_map(std::uint64_t index, ChunkState state) {
    const Chunk chunk = run_->plan[index];
    const Left left(board_->left);
    try {
        const InMap inside;
        if (run_->main_call != nullptr) {
            run_->main_call(board_->job, chunk, left,
                            board_->results + index * board_->result_stride);
        } else {
            run_->phase_call(board_->job, chunk, left);
        }
    } catch (const std::bad_alloc& e) {
        return map_threw(state, "std::bad_alloc", e.what(), board_->retry_bad_alloc);
    } catch (const abi::__forced_unwind&) {
        throw;
    } catch (const std::exception& e) {
        int status = 0;
        char* const name = abi::__cxa_demangle(typeid(e).name(), nullptr, nullptr, &status);
        const bool over =
            map_threw(state, name != nullptr ? name : typeid(e).name(), e.what(), false);
        std::free(name);  // __cxa_demangle allocates by malloc
        return over;
    } catch (...) {
        return map_threw(state, "unknown type", "not derived from std::exception", false);
    }
    reached(Step::map_returned);
    state.kind = ChunkKind::committed;
    settle(board_->states[run_->first_state + index], state);
    reached(Step::committed);
    return true;
}

// An exception is the map's answer and would come again, so the chunk is lost at once; only a lack
// of memory under a worker's limit may pass, and counts as an attempt.
bool ClaimLoop::map_threw(ChunkState state, const char* type, const char* text,
                          bool may_retry) noexcept {
    const std::uint64_t place = line_.state_index.load(std::memory_order_relaxed);
    if (may_retry && state.attempts < board_->max_attempts) {
        state.kind = ChunkKind::open;
        settle(board_->states[place], state);
        board_->lost_counts.fetch_add(1,
                                      std::memory_order_seq_cst);  // so that somebody looks for it
        return false;
    }
    std::uint32_t nobody = 0;
    if (board_->thrown.writer.compare_exchange_strong(nobody, worker_ + 1)) {
        board_->thrown.state_index = place;
        copy_text(board_->thrown.type, type);
        copy_text(board_->thrown.text, text);
    }
    reached(Step::threw);
    state.kind = ChunkKind::lost;
    settle(board_->states[place], state);
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
