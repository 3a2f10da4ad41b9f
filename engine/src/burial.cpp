#include "burial.hpp"

#include "claim_loop.hpp"

namespace pinfold::detail {

namespace {

void release_chunk(Board& board, std::uint64_t place, ChunkState state) noexcept {
    std::uint32_t half_written = state.worker + 1;
    board.faults->thrown.writer.compare_exchange_strong(half_written, 0);
    if (state.attempts < board.max_attempts) {
        state.kind = ChunkKind::open;
    } else {
        state.kind = ChunkKind::lost;
    }
    settle(board.states[place], state);
    if (state.kind == ChunkKind::lost && !board.may_skip(place)) {
        board.stopping.store(true, std::memory_order_release);
    }
}

// The line names a chunk before it is claimed, so if the worker held one, it is this one.
void bury_on(Board& board, const WorkerLine& line, int worker, End end) noexcept {
    const std::uint64_t place = line.state_index.load(std::memory_order_relaxed);
    const ChunkState state = unpack(board.states[place].load(std::memory_order_acquire));
    const bool had_chunk = state.generation == board.generation &&
                           state.kind == ChunkKind::claimed &&
                           state.worker == static_cast<unsigned>(worker);
    // Announced before the states are scanned; see ClaimLoop::count().
    board.lost_counts.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t record = board.deaths.load(std::memory_order_relaxed);
    board.faults->death_log[record % kept_deaths] = {
        place, worker, end.pid, end.wait_status, end.past_deadline, had_chunk};
    board.deaths.store(record + 1, std::memory_order_release);
    if (had_chunk) {
        release_chunk(board, place, state);
    }
}

}  // namespace

void bury(Control& control, int worker, End end) noexcept {
    WorkerLine& line = control.lines[static_cast<std::size_t>(worker)];
    const std::uint64_t generation = line.joined.load(std::memory_order_acquire);
    Board& board = control.boards[line.slot.load(std::memory_order_relaxed)];
    // A line may name a generation that its worker found closed: then the board is another job's.
    if (generation != 0 && board.generation == generation) {
        bury_on(board, line, worker, end);
        advance_if_over(control, board);
    }
    line.batch_first.store(0, std::memory_order_relaxed);
    line.batch_last.store(0, std::memory_order_relaxed);
    line.ready.store(false, std::memory_order_relaxed);
    line.retired.store(false, std::memory_order_relaxed);
    line.joined.store(0, std::memory_order_seq_cst);
    // It may have died between a commit and the ring that this owed to others.
    control.work.ring();
    board.host_bell.ring();
}

}  // namespace pinfold::detail
