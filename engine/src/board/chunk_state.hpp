#pragma once

// The truth about one chunk: a single 64-bit word that is claimed by compare-and-swap and committed
// by one store. Everything else on a board is a hint.
//
//          claim (CAS), lease         commit (store)
//     open ──────────────► claimed ──────────────────► committed
//      ▲                      │
//      └──────────────────────┴──────────────────────► lost
//        its worker died        it died too often, or its map threw
//
// Only the claiming worker moves a claimed word, or the supervisor once that worker is reaped. The
// claim of a chunk under a lease is not written, see lease.hpp: its word goes from open to
// committed. A word of an older generation counts as open with no attempts, so a board is reused
// without being cleared.

#include <atomic>
#include <cstdint>
#include <pinfold/engine/limits.hpp>

#include "worker_number.hpp"

namespace pinfold::detail {

enum class ChunkKind : std::uint8_t { open, claimed, committed, lost };

struct ChunkState {
    std::uint64_t generation = 0;  // of the job
    WorkerNumber worker = 0;       // who claimed it last
    unsigned attempts = 0;         // how often it was claimed
    ChunkKind kind = ChunkKind::open;
};

using ChunkWord = std::atomic<std::uint64_t>;
static_assert(ChunkWord::is_always_lock_free, "a lock in shared memory would die with its holder");

// The word, from its highest bit: generation, worker, attempts, kind.
inline constexpr int kind_bits = 2;
inline constexpr int attempt_bits = 8;
inline constexpr int worker_bits = 12;
inline constexpr int generation_bits = 42;  // at a job a microsecond they last for 50 days
static_assert(generation_bits + worker_bits + attempt_bits + kind_bits == 64);

constexpr std::uint64_t all_ones(int bits) noexcept {
    return (std::uint64_t{1} << bits) - 1;
}

inline constexpr std::uint64_t last_generation = all_ones(generation_bits);

/// Of a chunk that nobody has to run: it, or all that needs it, is in the journal.
inline constexpr auto no_worker = static_cast<WorkerNumber>(all_ones(worker_bits));
static_assert(max_workers <= no_worker, "the highest worker number would not fit, or mean nobody");
static_assert(most_attempts <= all_ones(attempt_bits), "the attempts would wrap");

constexpr std::uint64_t pack(ChunkState s) noexcept {
    std::uint64_t word = s.generation;
    word = word << worker_bits | s.worker;
    word = word << attempt_bits | s.attempts;
    return word << kind_bits | static_cast<std::uint64_t>(s.kind);
}

constexpr ChunkState unpack(std::uint64_t word) noexcept {
    const auto take = [&word](int bits) {
        const std::uint64_t field = word & all_ones(bits);
        word >>= bits;
        return field;
    };
    ChunkState state;
    state.kind = static_cast<ChunkKind>(take(kind_bits));
    state.attempts = static_cast<unsigned>(take(attempt_bits));
    state.worker = static_cast<WorkerNumber>(take(worker_bits));
    state.generation = word;
    return state;
}

/// The state as job `generation` sees it: an older job's leftovers are an open chunk.
constexpr ChunkState seen_by(std::uint64_t generation, std::uint64_t word) noexcept {
    const ChunkState state = unpack(word);
    return state.generation < generation ? ChunkState{generation, 0, 0, ChunkKind::open} : state;
}

/// Takes an open chunk for `worker`, or one that was claimed for it while it held a lease. Returns
/// the attempts so far, this one included, or 0 when the chunk is not to be had: claimed, over, or
/// of a later job than the claimer knows.
inline unsigned claim(ChunkWord& word, std::uint64_t generation, WorkerNumber worker) noexcept {
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    for (;;) {
        unsigned attempts = 1;
        if (seen >= pack({generation, 0, 0, ChunkKind::open})) {
            const ChunkState state = unpack(seen);
            const bool is_own = state.kind == ChunkKind::claimed && state.worker == worker;
            if (state.generation != generation || (state.kind != ChunkKind::open && !is_own)) {
                return 0;
            }
            if (is_own) {
                return state.attempts;
            }
            attempts = state.attempts + 1;
        }
        const std::uint64_t claimed = pack({generation, worker, attempts, ChunkKind::claimed});
        // Acquire pairs with the release in settle(): what a dead worker's burial wrote is seen
        // here. It fails when another one claims the chunk meanwhile, for itself or for this one.
        if (word.compare_exchange_strong(seen, claimed, std::memory_order_acq_rel,
                                         std::memory_order_relaxed)) {
            return attempts;
        }
    }
}

/// Claims a chunk that nobody has touched in this job, for `worker`, which may be another one than
/// the caller. Returns whether it was so.
inline bool claim_untouched(ChunkWord& word, std::uint64_t generation,
                            WorkerNumber worker) noexcept {
    std::uint64_t seen = word.load(std::memory_order_acquire);
    const std::uint64_t claimed = pack({generation, worker, 1, ChunkKind::claimed});
    return seen < pack({generation, 0, 0, ChunkKind::open}) &&
           word.compare_exchange_strong(seen, claimed, std::memory_order_acq_rel,
                                        std::memory_order_relaxed);
}

/// Whether what a worker stores before it claims a chunk is seen by all others before what it reads
/// after it: the compare-and-swap of x86-64 orders everything.
inline constexpr bool a_claim_is_a_fence =
#if defined(__x86_64__)
    true;
#else
    false;
#endif

/// Moves a claimed chunk on. Only its worker may call this, or whoever buries that worker.
/// Release pairs with the acquire in claim(), in the scans for completion and in the fold.
inline void settle(ChunkWord& word, ChunkState state) noexcept {
    word.store(pack(state), std::memory_order_release);
}

}  // namespace pinfold::detail
