#include "board/burial.hpp"

#include "board/claim_loop.hpp"

namespace pinfold::detail {

namespace {

void record(Board& board, const DeathRecord& death) noexcept {
    const std::uint32_t number = board.deaths.load(std::memory_order_relaxed);
    board.death_log[number % kept_deaths] = death;
    board.deaths.store(number + 1, std::memory_order_release);
}

/// Opens the chunk again, or loses it when its attempts are used up.
void release_chunk(Board& board, std::uint64_t at, ChunkState& state) noexcept {
    board.thrown[state.worker].forget();
    state.kind = state.attempts < board.max_attempts ? ChunkKind::open : ChunkKind::lost;
    if (state.kind == ChunkKind::lost && !board.may_skip(at) && at < board.poison) {
        board.poison.store(at, std::memory_order_relaxed);
    }
    settle(board.states[at], state);
}

/// The state of the chunk that the line names, or that of no job's when it names none.
ChunkState named_chunk(const Board& board, std::uint64_t at) noexcept {
    return at == no_chunk ? ChunkState{} : unpack(board.states[at].load(std::memory_order_acquire));
}

bool is_noted(const ClaimLine& line, std::uint64_t was_doing) noexcept {
    const std::uint64_t starts = line.starts.load(std::memory_order_relaxed);
    return doing(state_index_of(was_doing), starts) != was_doing;
}

/// Adds to the starts that the line notes.
void note_starts(ClaimLine& line, std::uint64_t more) noexcept {
    line.starts.store(line.starts.load(std::memory_order_relaxed) + more,
                      std::memory_order_release);
}

/// Makes the claim of a chunk that did not start as if it had not been.
void take_back_claim(Board& board, ClaimLine& line, std::uint64_t was_doing,
                     ChunkState state) noexcept {
    if (is_noted(line, was_doing)) {
        note_starts(line, ~std::uint64_t{0});
    }
    state.kind = ChunkKind::open;
    --state.attempts;
    settle(board.states[state_index_of(was_doing)], state);
}

// For others to take; the worker had taken what its predecessor left before it took anything else,
// so the place is free. Of the batch nothing need be known but where it lies: what is over in it is
// not claimed again.
void return_batch(Board& board, const ClaimLine& line, Tally& tally) noexcept {
    const std::uint64_t batch = line.batch.load(std::memory_order_relaxed);
    if (batch != 0) {
        tally.returned.store(batch, std::memory_order_release);
        board.returned.fetch_add(1, std::memory_order_seq_cst);
    }
}

/// Publishes and counts what the dead worker had not; see ClaimLoop::count().
void count_for(Board& board, const ClaimLine& line, Tally& tally) noexcept {
    const std::uint64_t attempts =
        line.starts.load(std::memory_order_relaxed) - tally.base.load(std::memory_order_relaxed);
    const std::uint64_t chunks = attempts - tally.undone.load(std::memory_order_relaxed);
    const std::uint64_t published = tally.chunks.load(std::memory_order_relaxed);
    if (published != tally.counted.load(std::memory_order_relaxed)) {
        board.uncertain.fetch_add(1, std::memory_order_seq_cst);
    }
    tally.attempts.store(attempts, std::memory_order_relaxed);
    tally.chunks.store(chunks, std::memory_order_seq_cst);
    if (chunks != published) {  // so its phase cannot be over
        PhaseRun& run = board.runs[board.phase.load(std::memory_order_acquire)];
        run.over.fetch_add(chunks - published, std::memory_order_seq_cst);
    }
    tally.counted.store(chunks, std::memory_order_relaxed);
}

// A condemned worker has claimed a chunk beyond the one that it is killed for, and did not start
// it.
bool had_not_started(const ClaimLine& line, std::uint64_t was_doing) noexcept {
    const std::uint64_t condemned = line.condemned.load(std::memory_order_relaxed);
    return condemned != 0 && condemned != condemned_on_its_board &&
           condemned != condemned_at(was_doing);
}

// The line names a chunk before it is claimed, so if the worker held one, it is this one.
void bury_on(Board& board, ClaimLine& line, WorkerNumber worker,
             const WorkerDeath& death) noexcept {
    Tally& tally = board.tallies[worker];
    const std::uint64_t was_doing = line.doing.load(std::memory_order_acquire);
    const std::uint64_t at = state_index_of(was_doing);
    ChunkState state = named_chunk(board, at);
    const bool was_last_its_own = state.generation == board.generation && state.worker == worker;
    const bool had_claim = was_last_its_own && state.kind == ChunkKind::claimed;
    const bool had_chunk = had_claim && !had_not_started(line, was_doing);
    const MemoryLack lack = line.memory_lack.load(std::memory_order_relaxed);
    if (lack == MemoryLack::none) {
        record(board, {at, worker, death, had_chunk});
    }
    if (had_chunk) {
        note_starts(line, is_noted(line, was_doing) ? 0 : 1);
        state.attempts -= lack == MemoryLack::after_others ? 1 : 0;
        release_chunk(board, at, state);
        if (state.kind == ChunkKind::open) {
            tally.undone.store(tally.undone.load(std::memory_order_relaxed) + 1,
                               std::memory_order_relaxed);
        }
    } else if (had_claim) {
        take_back_claim(board, line, was_doing, state);
    }
    return_batch(board, line, tally);  // when its chunk is open: whoever takes it tries it once
    // Lost just now, or by an exception whose worker died before it could stop the job.
    if (was_last_its_own && state.kind == ChunkKind::lost && !board.may_skip(at)) {
        board.stopping.store(true, std::memory_order_release);
        return;  // a job that has failed counts no more
    }
    count_for(board, line, tally);
}

}  // namespace

void bury(BoardTable& table, WorkerNumber worker, const WorkerDeath& death) noexcept {
    ClaimLine& line = table.lines[worker];
    const std::uint64_t generation = line.joined.load(std::memory_order_acquire);
    Board& board = table.boards[line.board.load(std::memory_order_relaxed)];
    // While it was joining, it may have found the board closed and had nothing to keep the host
    // from writing it anew, perhaps at this moment.
    if (generation != 0 && state_index_of(line.doing.load(std::memory_order_relaxed)) != joining) {
        bury_on(board, line, worker, death);
        advance_if_over(table, board);
    }
    line.batch.store(0, std::memory_order_relaxed);
    line.condemned.store(0, std::memory_order_relaxed);
    line.memory_lack.store(MemoryLack::none, std::memory_order_relaxed);
    line.joined.store(0, std::memory_order_seq_cst);
    // It may have died between a commit and the ring that this owed to the host, or inside a ring.
    board.host_bell.ring_after_death();
    table.freed.ring_after_death();
}

}  // namespace pinfold::detail
