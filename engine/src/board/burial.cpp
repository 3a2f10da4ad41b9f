#include "board/burial.hpp"

#include "board/claim_loop.hpp"

namespace pinfold::detail {

namespace {

void release_chunk(Board& board, std::uint64_t at, ChunkState& state) noexcept {
    board.faults->thrown.forget(state.worker);
    if (state.attempts < board.max_attempts) {
        state.kind = ChunkKind::open;
    } else {
        state.kind = ChunkKind::lost;
    }
    settle(board.states[at], state);
}

/// The state of the chunk that the line names, or that of no job's when it names none.
ChunkState named_chunk(const Board& board, std::uint64_t at) noexcept {
    return at == no_chunk ? ChunkState{} : unpack(board.states[at].load(std::memory_order_acquire));
}

// The line names a chunk before it is claimed, so if the worker held one, it is this one.
void bury_on(Board& board, const ClaimLine& line, WorkerNumber worker,
             const WorkerDeath& death) noexcept {
    const std::uint64_t at = line.state_index.load(std::memory_order_relaxed);
    ChunkState state = named_chunk(board, at);
    const bool was_last_its_own = state.generation == board.generation && state.worker == worker;
    const bool had_chunk = was_last_its_own && state.kind == ChunkKind::claimed;
    // Announced before the states are scanned; see ClaimLoop::count().
    board.lost_counts.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t record = board.deaths.load(std::memory_order_relaxed);
    board.faults->death_log[record % kept_deaths] = {at, worker, death, had_chunk};
    board.deaths.store(record + 1, std::memory_order_release);
    if (had_chunk) {
        release_chunk(board, at, state);
    }
    // Lost just now, or by an exception whose worker died before it could stop the job.
    if (was_last_its_own && state.kind == ChunkKind::lost && !board.may_skip(at)) {
        board.stopping.store(true, std::memory_order_release);
    }
}

}  // namespace

void bury(BoardTable& table, WorkerNumber worker, const WorkerDeath& death) noexcept {
    ClaimLine& line = table.lines[worker];
    const std::uint64_t generation = line.joined.load(std::memory_order_acquire);
    Board& board = table.boards[line.board.load(std::memory_order_relaxed)];
    // While it was joining, it may have found the board closed and had nothing to keep the host
    // from writing it anew, perhaps at this moment.
    if (generation != 0 && line.state_index.load(std::memory_order_relaxed) != joining) {
        bury_on(board, line, worker, death);
        advance_if_over(table, board);
    }
    line.batch_first.store(0, std::memory_order_relaxed);
    line.batch_last.store(0, std::memory_order_relaxed);
    line.joined.store(0, std::memory_order_seq_cst);
    // It may have died between a commit and the ring that this owed to the host, or inside a ring.
    board.host_bell.ring_after_death();
    table.freed.ring_after_death();
}

}  // namespace pinfold::detail
