#include "board/claim_loop.hpp"

#include <algorithm>
#include <bit>
#include <pinfold/shm/asymmetric_fence.hpp>

#include "clock.hpp"
#include "note_binding.hpp"
#include "reached.hpp"
#include "results/in_map.hpp"
#include "results/turn.hpp"

namespace pinfold::detail {

namespace {

// The host wrote all of this just now. Lines that are fetched one by one, as they are needed, cost
// a short job more than its chunks do (job_bench, one chunk).
template <typename T>
void prefetch_object(const T& object) noexcept {
    const auto* const at = reinterpret_cast<const std::byte*>(&object);
    for (std::size_t offset = 0; offset < sizeof(T); offset += cache_line) {
        __builtin_prefetch(at + offset);
    }
}

void prefetch_first_chunk(const Board& board, const PhaseRun& run) noexcept {
    __builtin_prefetch(&run.cursors[0], 1);
    __builtin_prefetch(&run.over, 1);
    __builtin_prefetch(board.states + run.first_state, 1);
    __builtin_prefetch(board.leases + lease_index(run.first_state), 1);
    __builtin_prefetch(board.results + run.plan.first() * board.result_stride, 1);
    __builtin_prefetch(board.job);
}

/// What all workers did for the board's job, as far as they have published it.
std::uint64_t published_chunks(const BoardTable& table, const Board& board) noexcept {
    std::uint64_t sum = 0;
    for (WorkerNumber worker = 0; worker < table.lines.size(); ++worker) {
        const Tally& tally = board.tallies[worker];
        if (tally.generation.load(std::memory_order_acquire) == board.generation) {
            sum += tally.chunks.load(std::memory_order_seq_cst);
        }
    }
    return sum;
}

// The count is never more than the truth, and less only when a worker died between its publishing
// and its count. What was published is the truth of all runs up to the present one.
bool phase_is_over(const BoardTable& table, const Board& board, std::uint32_t phase) noexcept {
    const PhaseRun& run = board.runs[phase];
    if (run.over.load(std::memory_order_seq_cst) == run.plan.size()) {
        return true;
    }
    if (board.uncertain.load(std::memory_order_seq_cst) == 0) {
        return false;
    }
    std::uint64_t to_run = 0;
    for (const PhaseRun& begun : board.runs.first(phase + 1)) {
        to_run += begun.to_run();
    }
    return published_chunks(table, board) == to_run;
}

/// Calls as many workers as have a chunk of the run to take.
void call_for(const BoardTable& table, const PhaseRun& run) noexcept {
    const std::uint64_t chunks = run.to_run();
    if (chunks < table.lines.size()) {
        table.work->ring_for(static_cast<std::uint32_t>(chunks));
    } else {
        table.work->ring();
    }
}

}  // namespace

// A board is written anew only when no line names its old generation. Naming it first and then
// looking whether it is still open, against the host's closing first and then looking at the lines,
// leaves no order in which the host misses a worker that goes on (both sides are seq_cst).
std::uint64_t ClaimLoop::join(BoardNumber number) noexcept {
    const std::uint64_t generation = table_.open[number].load(std::memory_order_acquire);
    if (generation == 0) {
        return 0;
    }
    prefetch_object(table_.boards[number]);
    const std::uint64_t starts = line_.starts.load(std::memory_order_relaxed);
    tools_.starts_before = std::min(tools_.starts_before, starts);
    line_.board.store(number, std::memory_order_relaxed);
    line_.batch.store(0, std::memory_order_relaxed);
    line_.doing.store(doing(joining, starts), std::memory_order_relaxed);
    line_.joined.store(generation, std::memory_order_seq_cst);
    if (table_.open[number].load(std::memory_order_seq_cst) != generation) {
        leave(number, generation);
        return 0;
    }
    board_ = &table_.boards[number];
    tally_ = &board_->tallies[worker_];
    tools_.jobs.now_on(*board_);
    if (generation != last_joined_) {
        last_joined_ = generation;
        dealt_run_ = nullptr;
        tools_.journal.forget_older(*board_);
        look_for_fences();
        if (board_->tracks != nullptr) {
            board_->tracks->note_join(worker_, table_.workers[worker_].pid);
        }
    }
    begin_tally(generation, starts);
    // From here on a burial looks at the tally. Release: it sees what was written before.
    line_.doing.store(doing(no_chunk, starts), std::memory_order_release);
    reached(Step::joined);
    return generation;
}

// Threads are asked for leases by threads of their own process, which then see to the fences.
void ClaimLoop::look_for_fences() noexcept {
    if (!has_looked_for_fences_) {
        has_looked_for_fences_ = true;
        tools_.takes_leases =
            table_.may_lease && (!board_->workers_may_die || shm::receive_heavy_fences());
    }
}

void ClaimLoop::begin_tally(std::uint64_t generation, std::uint64_t starts) noexcept {
    if (tally_->generation.load(std::memory_order_relaxed) != generation) {
        for (std::atomic<std::uint64_t>* const count :
             {&tally_->attempts, &tally_->undone, &tally_->chunks, &tally_->counted,
              &tally_->returned}) {
            count->store(0, std::memory_order_relaxed);
        }
        tally_->busy_ns.store(0, std::memory_order_relaxed);
        // Release pairs with the acquire of all who read tallies of others: they see the zeros.
        tally_->generation.store(generation, std::memory_order_release);
    }
    tally_->base.store(starts - tally_->attempts.load(std::memory_order_relaxed),
                       std::memory_order_relaxed);
}

void ClaimLoop::leave(BoardNumber number, std::uint64_t generation) noexcept {
    reached(Step::before_leave);
    line_.joined.store(0, std::memory_order_seq_cst);
    reached(Step::left);
    if (line_.condemned.load(std::memory_order_seq_cst) != 0) {
        wait_for_verdict(line_);
    }
    // The board may be another job's by now; then this is one ring too many for its host.
    Board& board = table_.boards[number];
    const bool is_closed = table_.open[number].load(std::memory_order_seq_cst) != generation;
    if (is_closed || board.stopping.load(std::memory_order_relaxed)) {
        board.host_bell.ring();
    }
    if (is_closed) {
        table_.tell_who_waits();
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
        prefetch_first_chunk(*board_, run);
        dealing_.enter(*board_, run);
        tools_.chunks_a_look.start_over();
    }
}

void ClaimLoop::run_batch(Batch batch) {
    const std::int64_t began = now_ns();
    bool counts = false;
    {
        const InMap inside({&table_.workers[worker_], worker_, table_.runner_of(worker_)});
        const FloatingModeHeld as_in_the_host(board_->floating_mode);
        counts = BatchRun(*board_, *run_, line_, worker_, tools_).run(batch);
    }
    const std::int64_t took = now_ns() - began;
    dealing_.measured(took);
    turn_ns_ += took;
    tally_->busy_ns.store(tally_->busy_ns.load(std::memory_order_relaxed) + took,
                          std::memory_order_relaxed);
    note_lost_binding(table_.workers[worker_]);  // before the count, which lets the host report
    reached(Step::batch_over);
    if (counts) {
        count();
    }
}

// Published first, then counted, then noted as counted, each time the whole: a burial finds how far
// a dead worker came. A death between the count and its note leaves the count uncertain, and then
// what was published is looked at. The burial announces that before it looks, and a worker
// publishes before it looks for such deaths, so one of the two sees the whole (all seq_cst).
void ClaimLoop::count() noexcept {
    const std::uint64_t attempts =
        line_.starts.load(std::memory_order_relaxed) - tally_->base.load(std::memory_order_relaxed);
    const std::uint64_t chunks = attempts - tally_->undone.load(std::memory_order_relaxed);
    const std::uint64_t over = chunks - tally_->counted.load(std::memory_order_relaxed);
    tally_->attempts.store(attempts, std::memory_order_relaxed);
    tally_->chunks.store(chunks, std::memory_order_seq_cst);
    reached(Step::published);
    const std::uint64_t counted = run_->over.fetch_add(over, std::memory_order_seq_cst) + over;
    reached(Step::counted);
    tally_->counted.store(chunks, std::memory_order_release);
    const std::uint64_t uncertain = board_->uncertain.load(std::memory_order_seq_cst);
    if (counted + uncertain * max_batch >= run_->plan.size() && !board_->complete()) {
        advance_if_over(table_, *board_);
    }
    tell_who_awaits();
}

// The host names the chunk and then looks whether it is over; a worker's commits stand before its
// count, and that before this look (all seq_cst): one of the two sees the other.
void ClaimLoop::tell_who_awaits() noexcept {
    if constexpr (!a_claim_is_a_fence) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
    std::uint64_t awaited = board_->awaited.load(std::memory_order_seq_cst);
    if (awaited == nothing_awaited || !board_->is_over(awaited)) [[likely]] {
        return;
    }
    if (board_->awaited.compare_exchange_strong(awaited, nothing_awaited)) {
        reached(Step::awaited_taken);
        board_->host_bell.ring();
    }
}

void advance_if_over(BoardTable& table, Board& board) noexcept {
    std::uint32_t phase = board.phase.load(std::memory_order_acquire);
    bool advanced = false;
    while (phase < board.runs.size() && phase_is_over(table, board, phase)) {
        board.runs[phase].ended_at_ns.store(now_ns(), std::memory_order_relaxed);
        if (board.phase.compare_exchange_strong(phase, phase + 1)) {
            ++phase;
            advanced = true;
            reached(Step::phase_advanced);
        }
    }
    if (advanced && phase < board.runs.size()) {
        call_for(table, board.runs[phase]);
    }
    if (phase == board.runs.size()) {
        board.host_bell.ring();
        reached(Step::rang);
    }
}

}  // namespace pinfold::detail
