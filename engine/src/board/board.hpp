#pragma once

// A job in shared memory: what is to be called, the chunks' states and results, and hints on who
// does what. The host writes it while no worker is on it, opens it by its generation in
// BoardTable::open, and reads the results when it is complete.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/detail/row_call.hpp>
#include <pinfold/engine/limits.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

#include "board/batch.hpp"
#include "board/chunk_state.hpp"
#include "board/lease.hpp"
#include "board/plan_part.hpp"
#include "floating_mode.hpp"
#include "journal/journal_handle.hpp"
#include "journal/journal_place.hpp"
#include "nodes/node_cursors.hpp"
#include "results/failures.hpp"
#include "timeline/tracks.hpp"
#include "worker_number.hpp"

namespace pinfold::detail {

struct WorkerNodes;

using shm::cache_line;

// Of Board::claim_limit and Board::awaited.
inline constexpr std::uint64_t no_limit = ~std::uint64_t{0};
inline constexpr std::uint64_t nothing_awaited = ~std::uint64_t{0};

/// What a run is of: a phase, or a stretch of the job's own chunks between two phases.
struct RunPlan {
    enum class Kind : std::uint8_t { phase, stretch };

    Kind kind;
    PlanPart plan;
    std::uint64_t first_state;  // its chunks' place in Board::states
    std::size_t number;         // of the phase; of a stretch: how many phases the job has
    RowCall call;

    friend bool operator==(const RunPlan&, const RunPlan&) noexcept = default;
};

/// Chunks that are run before any of the next run's. The last run is a stretch.
struct PhaseRun : RunPlan {
    explicit PhaseRun(const RunPlan& of) noexcept : RunPlan(of) {}

    /// How many chunks workers have to run.
    [[nodiscard]] std::uint64_t to_run() const noexcept { return plan.size() - unrun; }

    /// As if nothing had been run.
    void start_over() noexcept {
        for (Cursor& cursor : cursors) {
            cursor.next.store(0, std::memory_order_relaxed);
        }
        unrun = 0;
        over.store(0, std::memory_order_relaxed);
        ended_at_ns.store(0, std::memory_order_relaxed);
    }

    struct alignas(cache_line) Cursor {
        std::atomic<std::uint64_t> next{0};  // hint: chunks of its part that were handed out
    };
    std::array<Cursor, max_cursors> cursors;

    std::uint64_t unrun = 0;  // chunks that nobody has to run; counted in `over` from the start
    alignas(cache_line) std::atomic<std::uint64_t> over{0};        // never more than are over
    alignas(cache_line) std::atomic<std::int64_t> ended_at_ns{0};  // for the report
};

/// What the workers of one number did for the board's job: one after the other, when they die.
/// Written by the living one, and by the supervisor between two of them.
///
/// All of it follows from ClaimLine::starts and ::doing, which are stored at each start of a chunk,
/// so a burial knows what the dead had not written yet, and to write it twice does no harm.
struct alignas(cache_line) Tally {
    std::atomic<std::uint64_t> generation{0};  // the rest counts only if this is the job's
    std::atomic<std::uint64_t> base{0};        // ClaimLine::starts without those of this job
    std::atomic<std::uint64_t> attempts{0};    // chunks started: ClaimLine::starts - base
    std::atomic<std::uint64_t> undone{0};      // of these, that are not over by it
    std::atomic<std::uint64_t> chunks{0};      // the others: committed, or skipped
    std::atomic<std::uint64_t> counted{0};     // of these, that are in PhaseRun::over
    std::atomic<std::int64_t> busy_ns{0};
    std::atomic<std::uint64_t> returned{0};  // the batch of one that died, until another takes it
};
static_assert(sizeof(Tally) == cache_line);

// ClaimLine::doing; see chunk_row.hpp.
inline constexpr int doing_starts_bits = 64 - doing_index_bits - 1;
inline constexpr std::uint64_t no_chunk = all_ones(doing_index_bits) - 1;  // before the first
inline constexpr std::uint64_t joining = no_chunk - 1;  // the board may be another job's

constexpr std::uint64_t doing(std::uint64_t state_index, std::uint64_t starts,
                              bool is_leased = false) noexcept {
    return (starts << 1 | (is_leased ? 1U : 0U)) << doing_index_bits | state_index;
}
static_assert(doing(6, 10, true) == doing(5, 9, true) + next_under_lease);

constexpr std::uint64_t state_index_of(std::uint64_t doing) noexcept {
    return doing & all_ones(doing_index_bits);
}

constexpr bool is_leased(std::uint64_t doing) noexcept {
    return (doing >> doing_index_bits & 1) != 0;
}

/// How many chunks the worker had started before, if it has started `starts` by now or by the last
/// note of that: the two differ by less than there are bits for.
constexpr std::uint64_t starts_before(std::uint64_t doing, std::uint64_t starts) noexcept {
    const std::uint64_t noted = starts << (doing_index_bits + 1);
    const auto more = static_cast<std::int64_t>((doing & ~all_ones(doing_index_bits + 1)) - noted);
    return starts + static_cast<std::uint64_t>(more >> (doing_index_bits + 1));
}
static_assert(starts_before(doing(5, 7), 8) == 7 && starts_before(doing(5, 40), 30) == 40);

struct Board {
    // Written by the host before the board opens, constant while it is open. The atomic ones are
    // also read by the supervisor, for a worker that may be about to join.
    std::span<PhaseRun> runs;
    const void* job = nullptr;
    std::span<const std::span<std::byte>> phase_memory;
    ChunkWord* states = nullptr;         // of all phases' chunks, then of the job's own
    LeaseWord* leases = nullptr;         // of the same
    std::uint64_t first_main_state = 0;  // the place of the job's own chunks among them
    std::uint64_t main_chunks = 0;
    std::byte* results = nullptr;
    std::size_t result_stride = 0;
    bool has_slots = false;  // results are ResultSlots, of which some have blocks
    Tally* tallies = nullptr;
    unsigned max_attempts = 1;
    bool skip_poison = false;
    bool workers_may_die = false;  // they are processes; a successor has its memory anew
    std::atomic<std::int64_t> chunk_deadline_ns{0};
    std::int64_t chunk_set_up_ns = 0;
    FloatingMode floating_mode;                   // of the thread that asked for the job
    std::uint64_t restored = 0;                   // chunks that the journal had
    JournalPlace* journal = nullptr;              // none without a journal
    const JournalHandle* host_journal = nullptr;  // for workers of the host's own process
    int host_pid = 0;
    Tracks* tracks = nullptr;  // none without a timeline

    // Read by all, seldom written.
    alignas(cache_line) std::atomic<std::uint64_t> generation{0};
    std::atomic<std::uint32_t> phase{0};      // runs.size(): complete
    std::atomic<std::uint32_t> returned{0};   // batches of dead workers that were left to others
    std::atomic<std::uint32_t> uncertain{0};  // batches that PhaseRun::over may lack
    std::atomic<std::uint32_t> deaths{0};     // of workers on this board
    std::atomic<bool> stopping{false};        // no chunk is to be started any more
    std::atomic<bool> kill_workers{false};    // the supervisor is to kill who is on the board
    std::atomic<std::int64_t> began_ns{0};    // to tell whoever looks from outside
    std::atomic<std::uint64_t> to_run{0};     // the same: chunks of all runs

    // Of a stream, by the host: its own chunks from here on may not be claimed yet, and the chunk
    // that it sleeps for. Whoever takes the latter rings for it.
    std::atomic<std::uint64_t> claim_limit{no_limit};
    std::atomic<std::uint64_t> awaited{nothing_awaited};

    alignas(cache_line) shm::Doorbell host_bell;  // completion, a stop, a worker that left after it

    std::atomic<std::uint64_t> poison{no_chunk};  // the lowest that deaths lost
    DeathRecord* death_log = nullptr;             // record n lies at n % kept_deaths; if they may
    Thrown* thrown = nullptr;                     // by worker
    SkipLog skip_log;                             // of a job that skips

    /// Whether the job goes on without the chunk of this state: never in a phase that others read.
    [[nodiscard]] bool may_skip(std::uint64_t state_index) const noexcept {
        return skip_poison && state_index >= first_main_state;
    }

    [[nodiscard]] bool complete() const noexcept {
        return phase.load(std::memory_order_acquire) == runs.size();
    }

    /// What became of one of the job's own chunks.
    [[nodiscard]] ChunkKind kind_of(std::uint64_t chunk) const noexcept {
        // Acquire: what the chunk's worker wrote before is seen. seq_cst: see ClaimLoop::count().
        const ChunkWord& word = states[first_main_state + chunk];
        return seen_by(generation, word.load(std::memory_order_seq_cst)).kind;
    }

    /// Whether that chunk has a result, or never will.
    [[nodiscard]] bool is_over(std::uint64_t chunk) const noexcept {
        const ChunkKind kind = kind_of(chunk);
        return kind == ChunkKind::committed || kind == ChunkKind::lost;
    }
};

/// Calls `take(record)` for each kept death, the oldest first.
template <typename Take>
void for_each_death(const Board& board, const Take& take) {
    const std::uint32_t count = board.deaths.load(std::memory_order_acquire);
    for (std::uint32_t i = count < kept_deaths ? 0 : count - kept_deaths; i < count; ++i) {
        take(board.death_log[i % kept_deaths]);
    }
}

/// The same of workers that had the chunk of this state.
template <typename Take>
void for_each_death_at(const Board& board, std::uint64_t state_index, const Take& take) {
    for_each_death(board, [&](const DeathRecord& record) {
        if (record.had_chunk && record.state_index == state_index) {
            take(record);
        }
    });
}

/// The lease that a chunk lies under, by the place of its state.
[[nodiscard]] inline Lease lease_at(const Board& board, std::uint64_t state_index) noexcept {
    const LeaseWord& word = board.leases[lease_index(state_index)];
    return lease_seen_by(board.generation, word.load(std::memory_order_acquire));
}

/// Values of ClaimLine::condemned: of a worker that is to end at what it does, and of one that is
/// to end wherever it is on its board. 0 is of a free one.
constexpr std::uint64_t condemned_at(std::uint64_t doing) noexcept {
    return doing + 1;
}
inline constexpr std::uint64_t condemned_on_its_board = ~std::uint64_t{0};

using BoardNumber = std::uint32_t;
inline constexpr BoardNumber max_boards = 64;  // jobs at the same time; more wait for a board

/// What a worker is at on the boards; written by that worker, and by the supervisor between two
/// workers of the same number.
struct alignas(cache_line) ClaimLine {
    std::atomic<std::uint64_t> joined{0};  // the generation whose board it is on, or 0
    std::atomic<std::uint64_t> doing{0};   // the chunk that it claims or runs; set before the claim
    std::atomic<std::uint64_t> starts{0};  // chunks started, ever; under a lease, as of its begin
    std::atomic<std::uint64_t> batch{0};   // what it tries next, or is about to take
    std::atomic<std::uint64_t> asks{0};    // for a lease of another one's: its index + 1
    std::atomic<BoardNumber> board{0};     // the board that it joined
    std::atomic<std::uint64_t> condemned{0};  // by the supervisor, for a moment; see oversight.hpp
    std::atomic<MemoryLack> memory_lack{MemoryLack::none};  // it is to end, which is no death
};

/// All boards of a pool, and what its workers are at on them: the root in shared memory.
struct BoardTable {
    std::span<Board> boards;     // at most max_boards
    std::span<ClaimLine> lines;  // by worker number
    std::span<shm::Party> workers;
    const NodeCursors* nodes = &cursors_of_one_node;  // that have workers
    const WorkerNodes* worker_nodes = nullptr;  // the host's; none where nobody asks for nodes
    shm::Doorbell* work = nullptr;              // something may be claimed
    shm::Heap* heap = nullptr;  // of results; each process has its own object at this address
    bool may_lease = false;     // heavy fences are to be had

    /// What runs tasks in each worker, for maps that submit some. Each process has its own objects
    /// at these addresses.
    TaskRunner* const* runners = nullptr;
    [[nodiscard]] TaskRunner* runner_of(WorkerNumber worker) const noexcept {
        return runners != nullptr ? runners[worker] : nullptr;
    }

    // One after the other: while few boards are open, a look at both is one at one line.
    alignas(cache_line) std::atomic<std::uint64_t> open_bits{0};  // hint: which below are not 0
    std::array<std::atomic<std::uint64_t>, max_boards> open{};    // generation, 0

    alignas(cache_line) std::atomic<std::uint32_t> waiting{0};  // hosts that want a board
    shm::Doorbell freed;  // for them: a board that was closed may be free

    /// Whoever made a board free calls this afterwards. Without it, two parties would write to one
    /// line in each job.
    void tell_who_waits() noexcept {
        if (waiting.load(std::memory_order_seq_cst) != 0) {
            freed.ring();
        }
    }
};

}  // namespace pinfold::detail
