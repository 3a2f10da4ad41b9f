#pragma once

// The truth about one task: a single 64-bit word. All else about it, but for what its attempt
// writes, is written before the word says `ready`, and is a hint beside it.
//
//         publish            claim (CAS)          commit (CAS)            release
//   free ────────► ready ──────────────► running ──────────────► done ────────► free
//                    │  ◄─────────────────┘    │                        the owner, with the result
//        cancel (CAS)│     its worker died     │ commit, nobody wants it
//                    ▼                         ▼
//                cancelled ──► free        discarded ──► free
//                     the owner                  whoever ended it
//
// Only the owner of the lane moves a word out of `free`, `done` and `cancelled`; only the worker
// that claimed it, or whoever buries that worker, out of `running` and `discarded`. The owner, and
// a burial of the owner, may add flags at any time by a compare-and-swap.

#include <atomic>
#include <cstdint>
#include <pinfold/engine/limits.hpp>

#include "worker_number.hpp"

namespace pinfold::detail {

enum class TaskKind : std::uint8_t { free, ready, running, done, cancelled, discarded };

/// What the owner wants of whoever ends the task.
enum TaskFlag : std::uint8_t {
    task_awaited = 1,   ///< rings the slot's bell
    task_watched = 2,   ///< rings the lane's news
    task_unwanted = 4,  ///< frees the slot: its future was dropped
    task_orphan = 8,    ///< the attempt that submitted it died: the same, and it never runs again
    task_killed = 16,   ///< its worker is to be killed for it; the same
};
inline constexpr std::uint8_t nobody_wants = task_unwanted | task_orphan | task_killed;
inline constexpr std::uint8_t never_again = task_orphan | task_killed;

struct TaskState {
    std::uint32_t lap = 0;    // how often the slot was used; the task's own name with lane and slot
    WorkerNumber worker = 0;  // who claimed it last
    unsigned attempts = 0;    // how often it was claimed
    TaskKind kind = TaskKind::free;
    std::uint8_t flags = 0;

    friend bool operator==(const TaskState&, const TaskState&) noexcept = default;
};

using TaskWord = std::atomic<std::uint64_t>;
static_assert(TaskWord::is_always_lock_free, "a lock in shared memory would die with its holder");

// The word, from its highest bit: lap, worker, attempts, kind, flags.
inline constexpr int task_flag_bits = 8;
inline constexpr int task_kind_bits = 4;
inline constexpr int task_attempt_bits = 8;
inline constexpr int task_worker_bits = 12;
inline constexpr int task_lap_bits = 32;
static_assert(task_lap_bits + task_worker_bits + task_attempt_bits + task_kind_bits +
                  task_flag_bits ==
              64);
static_assert(max_workers <= 1 << task_worker_bits, "the highest worker number would not fit");
static_assert(most_attempts < 1 << task_attempt_bits, "the attempts would wrap");

constexpr std::uint64_t pack(const TaskState& s) noexcept {
    std::uint64_t word = s.lap;
    word = word << task_worker_bits | s.worker;
    word = word << task_attempt_bits | s.attempts;
    word = word << task_kind_bits | static_cast<std::uint64_t>(s.kind);
    return word << task_flag_bits | s.flags;
}

constexpr TaskState unpack_task(std::uint64_t word) noexcept {
    const auto take = [&word](int bits) {
        const std::uint64_t field = word & ((std::uint64_t{1} << bits) - 1);
        word >>= bits;
        return field;
    };
    TaskState state;
    state.flags = static_cast<std::uint8_t>(take(task_flag_bits));
    state.kind = static_cast<TaskKind>(take(task_kind_bits));
    state.attempts = static_cast<unsigned>(take(task_attempt_bits));
    state.worker = static_cast<WorkerNumber>(take(task_worker_bits));
    state.lap = static_cast<std::uint32_t>(word);
    return state;
}

// Acquire pairs with the release of whoever moved the word: what it wrote before is seen.
[[nodiscard]] inline TaskState state_of(const TaskWord& word) noexcept {
    return unpack_task(word.load(std::memory_order_acquire));
}

/// Moves the word on, if it still is what `seen` says; else `seen` says what it is. seq_cst: what
/// its mover looks at next, others stored before they looked at the word.
inline bool move_task(TaskWord& word, TaskState& seen, const TaskState& next) noexcept {
    std::uint64_t expected = pack(seen);
    if (word.compare_exchange_strong(expected, pack(next), std::memory_order_seq_cst,
                                     std::memory_order_acquire)) {
        return true;
    }
    seen = unpack_task(expected);
    return false;
}

}  // namespace pinfold::detail
