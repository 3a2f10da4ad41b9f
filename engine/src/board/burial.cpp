#include "board/burial.hpp"

#include "board/claim_loop.hpp"

namespace pinfold::detail {

namespace {

void release_chunk(Board& board, std::uint64_t place, ChunkState& state) noexcept {
    std::uint32_t half_written = state.worker + 1;
    board.faults->thrown.writer.compare_exchange_strong(half_written, 0);
    if (state.attempts < board.max_attempts) {
        state.kind = ChunkKind::open;
    } else {
        state.kind = ChunkKind::lost;
    }
    settle(board.states[place], state);
}

/// The state of the chunk that the line names, or that of no job's when it names none.
ChunkState named_chunk(const Board& board, std::uint64_t place) noexcept {
    return place == no_chunk ? ChunkState{}
                             : unpack(board.states[place].load(std::memory_order_acquire));
}

// The line names a chunk before it is claimed, so if the worker held one, it is this one.
void bury_on(Board& board, const WorkerLine& line, int worker, End end) noexcept {
    const std::uint64_t place = line.state_index.load(std::memory_order_relaxed);
    ChunkState state = named_chunk(board, place);
    const bool was_last_its_own =
        state.generation == board.generation && state.worker == static_cast<unsigned>(worker);
    const bool had_chunk = was_last_its_own && state.kind == ChunkKind::claimed;
    // Announced before the states are scanned; see ClaimLoop::count().
    board.lost_counts.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t record = board.deaths.load(std::memory_order_relaxed);
    board.faults->death_log[record % kept_deaths] = {
        place, worker, end.pid, end.wait_status, end.past_deadline, had_chunk};
    board.deaths.store(record + 1, std::memory_order_release);
    if (had_chunk) {
        release_chunk(board, place, state);
    }
    // Lost just now, or by an exception whose worker died before it could stop the job.
    if (was_last_its_own && state.kind == ChunkKind::lost && !board.may_skip(place)) {
        board.stopping.store(true, std::memory_order_release);
    }
}

}  // namespace

void bury(Control& control, int worker, End end) noexcept {
    WorkerLine& line = control.lines[static_cast<std::size_t>(worker)];
    const std::uint64_t generation = line.joined.load(std::memory_order_acquire);
    Board& board = control.boards[line.slot.load(std::memory_order_relaxed)];
    // While it was joining, it may have found the board closed and had nothing to keep the host
    // from writing it anew, perhaps at this moment.
    if (generation != 0 && line.state_index.load(std::memory_order_relaxed) != joining) {
        bury_on(board, line, worker, end);
        advance_if_over(control, board);
    }
    line.batch_first.store(0, std::memory_order_relaxed);
    line.batch_last.store(0, std::memory_order_relaxed);
    line.ready.store(false, std::memory_order_relaxed);
    line.retired.store(false, std::memory_order_relaxed);
    line.joined.store(0, std::memory_order_seq_cst);
    // It may have died between a commit and the ring that this owed to others, or inside a ring.
    control.work.ring_after_death();
    board.host_bell.ring_after_death();
}

}  // namespace pinfold::detail
