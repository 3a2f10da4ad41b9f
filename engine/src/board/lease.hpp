#pragma once

// The right to run some chunks in a row without claiming each of them: one word for lease_chunks
// chunks, by the places of their states. It is written by compare-and-swap alone.
//
//            whole row wanted              another worker wants some
//     none ─────────────────────► leased ◄───────────────────────────► asked
//      │                             │      who asked died, or may not    │
//      │ a part wanted               │ its holder died                    │ what the holder runs is
//      ▼                             ▼                                    ▼ known and claimed for
//      it
//     split ◄─────────────────────────────────────────────────────────────┘
//
// Under `leased` and `asked` only the holder touches the chunks' states: it names a chunk, looks
// here, and runs it without a claim while it is not asked. Under `split` chunks are claimed one by
// one. A word of an older generation counts as none.

#include <atomic>
#include <cstdint>

#include "board/chunk_state.hpp"
#include "worker_number.hpp"

namespace pinfold::detail {

enum class LeaseKind : std::uint8_t { none, leased, asked, split };

struct Lease {
    std::uint64_t generation = 0;  // of the job
    WorkerNumber holder = 0;       // of a lease that is leased or asked
    LeaseKind kind = LeaseKind::none;
};

using LeaseWord = std::atomic<std::uint64_t>;

/// One compare-and-swap for so many chunks; so many wait, at most, for a heavy fence behind a chunk
/// that takes long. Chosen by claim_bench.
inline constexpr std::uint64_t lease_chunks = 16;

inline constexpr int lease_kind_bits = 2;
static_assert(generation_bits + worker_bits + lease_kind_bits <= 64);

constexpr std::uint64_t pack(Lease lease) noexcept {
    return (lease.generation << worker_bits | lease.holder) << lease_kind_bits |
           static_cast<std::uint64_t>(lease.kind);
}

/// The lease as job `generation` sees it.
constexpr Lease lease_seen_by(std::uint64_t generation, std::uint64_t word) noexcept {
    const std::uint64_t of = word >> (worker_bits + lease_kind_bits);
    if (of < generation) {
        return {generation, 0, LeaseKind::none};
    }
    return {of, static_cast<WorkerNumber>(word >> lease_kind_bits & all_ones(worker_bits)),
            static_cast<LeaseKind>(word & all_ones(lease_kind_bits))};
}

/// Whether `worker` may touch the states of the chunks, as long as that is its alone.
constexpr bool is_held_by(const Lease& lease, WorkerNumber worker) noexcept {
    return lease.holder == worker &&
           (lease.kind == LeaseKind::leased || lease.kind == LeaseKind::asked);
}

/// Where the chunk whose state has this index has its word.
constexpr std::uint64_t lease_index(std::uint64_t state_index) noexcept {
    return state_index / lease_chunks;
}

/// How many words there are for so many states.
constexpr std::uint64_t lease_count(std::uint64_t states) noexcept {
    return (states + lease_chunks - 1) / lease_chunks;
}

/// Moves a lease from what the caller saw to `next`. Release and acquire: what was written under
/// the one is seen under the other.
inline bool move_lease(LeaseWord& word, std::uint64_t seen, Lease next) noexcept {
    return word.compare_exchange_strong(seen, pack(next), std::memory_order_acq_rel,
                                        std::memory_order_relaxed);
}

/// Lets chunks be claimed one by one, if nobody holds a lease of them. Returns the lease then.
inline Lease split_if_free(LeaseWord& word, std::uint64_t generation) noexcept {
    std::uint64_t seen = word.load(std::memory_order_acquire);
    while (lease_seen_by(generation, seen).kind == LeaseKind::none) {
        const Lease split{generation, 0, LeaseKind::split};
        if (word.compare_exchange_weak(seen, pack(split), std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {
            return split;
        }
    }
    return lease_seen_by(generation, seen);
}

}  // namespace pinfold::detail
