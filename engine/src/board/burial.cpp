#include "board/burial.hpp"

#include "board/claim_loop.hpp"
#include "results/worker_blocks.hpp"

namespace pinfold::detail {

namespace {

void record(Board& board, const DeathRecord& death) noexcept {
    const std::uint32_t number = board.deaths.load(std::memory_order_relaxed);
    board.death_log[number % kept_deaths] = death;
    board.deaths.store(number + 1, std::memory_order_release);
}

/// What a dead worker had to do with the chunk that its line names, or with none.
struct LastChunk {
    std::uint64_t place = no_chunk;
    ChunkState state;        // what its word says
    bool was_taken = false;  // by this worker, and it may be over
    bool was_begun = false;  // its map may have started
    bool holds_lease = false;
};

// The lease first: whoever takes it away from the worker has claimed the chunk before. The claim
// that is not written under a lease is written here, so that nobody who asks for the lease just now
// can still claim it for the dead.
LastChunk last_chunk(const Board& board, WorkerNumber worker, std::uint64_t was_doing,
                     bool is_noted) noexcept {
    LastChunk last;
    last.place = state_index_of(was_doing);
    if (last.place == no_chunk) {
        return last;
    }
    last.holds_lease = is_held_by(lease_at(board, last.place), worker);
    ChunkWord& word = board.states[last.place];
    const bool is_claimed_here =
        last.holds_lease && claim_untouched(word, board.generation, worker);
    last.state = unpack(word.load(std::memory_order_acquire));
    const bool is_its_own =
        last.state.generation == board.generation && last.state.worker == worker;
    // One that is over may be so since the worker had it before.
    const bool is_new = is_leased(was_doing) || is_noted;
    last.was_taken = is_its_own && (last.state.kind == ChunkKind::claimed || is_new);
    last.was_begun = last.was_taken && (is_leased(was_doing) || !is_claimed_here);
    return last;
}

/// Keeps the deaths that lost the chunk: the log of all deaths has only the newest.
void note_skipped(Board& board, std::uint64_t at) noexcept {
    if (SkipRecord* const reason = board.skip_log.take()) {
        reason->thrown.forget();
        reason->deaths = 0;
        for_each_death_at(board, at, [&](const DeathRecord& death) { reason->add(death); });
        reason->publish(board.generation, at);
    }
}

/// Opens the chunk again, or loses it when its attempts are used up.
void release_chunk(Board& board, std::uint64_t at, ChunkState& state) noexcept {
    board.thrown[state.worker].forget();
    state.kind = state.attempts < board.max_attempts ? ChunkKind::open : ChunkKind::lost;
    if (state.kind == ChunkKind::lost && board.may_skip(at)) {
        note_skipped(board, at);
    } else if (state.kind == ChunkKind::lost && at < board.poison) {
        board.poison.store(at, std::memory_order_relaxed);
    }
    settle(board.states[at], state);
}

/// Makes the claim of a chunk that did not start as if it had not been.
void take_back_claim(Board& board, std::uint64_t at, ChunkState state) noexcept {
    state.kind = ChunkKind::open;
    --state.attempts;
    settle(board.states[at], state);
}

/// Lets others claim what the worker had a lease of, once the chunk that it was at is settled.
void end_lease(const Board& board, std::uint64_t place, WorkerNumber worker) noexcept {
    LeaseWord& word = board.leases[lease_index(place)];
    const Lease split{board.generation, 0, LeaseKind::split};
    std::uint64_t seen = word.load(std::memory_order_acquire);
    // Twice, when somebody asks for it at this moment.
    while (is_held_by(lease_seen_by(board.generation, seen), worker) &&
           !move_lease(word, seen, split)) {
        seen = word.load(std::memory_order_acquire);
    }
}

/// Gives up the asking for a lease, whose holder goes on with it. Another one who asks for the same
/// finds that out.
void give_up_asking(const Board& board, ClaimLine& line) noexcept {
    const std::uint64_t asks = line.asks.load(std::memory_order_relaxed);
    if (asks != 0) {
        LeaseWord& word = board.leases[asks - 1];
        const std::uint64_t seen = word.load(std::memory_order_acquire);
        Lease lease = lease_seen_by(board.generation, seen);
        if (lease.kind == LeaseKind::asked) {
            lease.kind = LeaseKind::leased;
            static_cast<void>(move_lease(word, seen, lease));
        }
        line.asks.store(0, std::memory_order_relaxed);
    }
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

/// Whether the worker had the chunk last, in this job.
bool is_of(const Board& board, WorkerNumber worker, const ChunkState& state) noexcept {
    return state.generation == board.generation && state.worker == worker;
}

/// Whether the worker committed the chunk, whose block it may not have given over yet.
bool has_committed(const Board& board, WorkerNumber worker, const LastChunk& last) noexcept {
    return last.state.kind == ChunkKind::committed && is_of(board, worker, last.state);
}

// Between its blocks being taken and their being given over, the worker is at the one chunk whose
// result they are.
void bury_blocks(const BoardTable& table, WorkerNumber worker, bool is_published) noexcept {
    if (table.heap != nullptr) {
        table.heap->bury(party_of(worker), is_published);
    }
}

// The line names a chunk before it is taken, so if the worker held one, it is this one.
void bury_on(const BoardTable& table, Board& board, WorkerNumber worker,
             const WorkerDeath& death) noexcept {
    ClaimLine& line = table.lines[worker];
    Tally& tally = board.tallies[worker];
    const std::uint64_t was_doing = line.doing.load(std::memory_order_acquire);
    const std::uint64_t starts = line.starts.load(std::memory_order_relaxed);
    const std::uint64_t before = starts_before(was_doing, starts);
    LastChunk last = last_chunk(board, worker, was_doing, starts == before + 1);
    bury_blocks(table, worker, has_committed(board, worker, last));
    const bool had_claim = last.was_taken && last.state.kind == ChunkKind::claimed;
    const bool had_chunk = had_claim && last.was_begun && !had_not_started(line, was_doing);
    const bool has_started = last.was_taken && (had_chunk || !had_claim);
    line.starts.store(before + (has_started ? 1 : 0), std::memory_order_release);
    const MemoryLack lack = line.memory_lack.load(std::memory_order_relaxed);
    if (lack == MemoryLack::none) {
        record(board, {{worker, death}, last.place, had_chunk});
    }
    if (board.tracks != nullptr) {
        board.tracks->note_death(
            worker, death, last.place, had_chunk,
            lack == MemoryLack::none ? TrackEvent::Kind::died : TrackEvent::Kind::was_spent);
    }
    if (had_chunk) {
        last.state.attempts -= lack == MemoryLack::after_others ? 1 : 0;
        release_chunk(board, last.place, last.state);
        if (last.state.kind == ChunkKind::open) {
            tally.undone.store(tally.undone.load(std::memory_order_relaxed) + 1,
                               std::memory_order_relaxed);
        }
    } else if (had_claim) {
        take_back_claim(board, last.place, last.state);
    }
    if (last.holds_lease) {
        end_lease(board, last.place, worker);
    }
    give_up_asking(board, line);
    return_batch(board, line, tally);  // when its chunk is open: whoever takes it tries it once
    // Lost just now, or by an exception whose worker died before it could stop the job.
    const bool lost_its_own =
        last.state.kind == ChunkKind::lost && is_of(board, worker, last.state);
    if (lost_its_own && !board.may_skip(last.place)) {
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
        bury_on(table, board, worker, death);
        advance_if_over(table, board);
    } else {
        bury_blocks(table, worker, false);
    }
    line.batch.store(0, std::memory_order_relaxed);
    line.condemned.store(0, std::memory_order_relaxed);
    line.memory_lack.store(MemoryLack::none, std::memory_order_relaxed);
    line.asks.store(0, std::memory_order_relaxed);
    line.joined.store(0, std::memory_order_seq_cst);
    // It may have died between a commit and the ring that this owed to the host, or inside a ring.
    board.host_bell.ring_after_death();
    table.freed.ring_after_death();
}

}  // namespace pinfold::detail
