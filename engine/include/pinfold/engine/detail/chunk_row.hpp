#pragma once

// The innermost loop of the engine: a worker's way through chunks in a row. It is compiled with the
// user's map, so that a short map becomes part of it. Not for users.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/kept_jobs.hpp>
#include <pinfold/engine/detail/process_mark.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/row_step.hpp>
#include <pinfold/shm/asymmetric_fence.hpp>

namespace pinfold {

class PhaseMemory;

namespace detail {

// What a worker is at, in one word of its line; from the highest bit: how many chunks it had
// started before this one, as far as there are bits; whether it holds a lease of the chunk; the
// place of the chunk's state.
inline constexpr int doing_index_bits = 44;
inline constexpr std::uint64_t next_under_lease = (std::uint64_t{2} << doing_index_bits) + 1;

/// Chunks [at, end) of a job or a phase, by their numbers in its plan. The engine has begun the
/// first one for its worker; a row of more than one is under a lease. It commits the last one that
/// was begun, too; the row commits those before it.
///
/// Nobody else may run a leased chunk, so none of them is claimed. Each is named before a look at
/// the words by which others ask for the lease or end the row, with a light fence between: a heavy
/// one stands between their writing of such a word and their look at the name.
struct ChunkRow {
    // Of the run. Numbers below `at` are only there to count from.
    const void* job = nullptr;
    const PhaseMemory* memory = nullptr;
    ChunkPlan plan;
    std::byte* results = nullptr;
    std::size_t stride = 0;
    std::atomic<std::uint64_t>* states = nullptr;

    // Of the worker, and words of others that end the row.
    ProcessMark process;
    std::atomic<std::uint64_t>* doing = nullptr;
    const std::atomic<std::uint64_t>* condemned = nullptr;
    const std::atomic<std::uint64_t>* lease = nullptr;
    const std::atomic<bool>* stopping = nullptr;
    ResultBlocks* blocks = nullptr;  // of a job whose results lie in slots
    KeptJobs* jobs = nullptr;

    // Of this row.
    std::uint64_t at = 0;
    std::uint64_t end = 0;
    std::uint64_t now_doing = 0;  // what `doing` says
    std::uint64_t held = 0;       // what `lease` says while it is not asked for
    std::uint64_t committed = 0;  // the state of a chunk that is
    bool is_begun = true;         // chunk `at`, and not only named

    [[nodiscard]] Chunk chunk() const noexcept { return plan[at]; }
    [[nodiscard]] std::byte* result() const noexcept { return results + at * stride; }

    template <typename Job>
    [[nodiscard]] const Job& job_as() const noexcept {
        return *static_cast<const Job*>(job);
    }

    [[nodiscard]] ResultSlot& slot() const noexcept {
        return *reinterpret_cast<ResultSlot*>(result());
    }

    /// Commits the chunk and begins the next one. Returns false at the row's end.
    template <bool with_slots = false>
    [[nodiscard]] bool go_on() noexcept {
        reached_in_row(RowStep::mapped);
        if (at + 1 == end) {
            return false;
        }
        states[at].store(committed, std::memory_order_release);
        reached_in_row(RowStep::committed);
        if constexpr (with_slots) {
            blocks->give_over();
            reached_in_row(RowStep::given_over);
        }
        ++at;
        now_doing += next_under_lease;
        doing->store(now_doing, std::memory_order_release);
        reached_in_row(RowStep::named);
        shm::light_fence();
        is_begun = ((lease->load(std::memory_order_relaxed) ^ held) |
                    condemned->load(std::memory_order_relaxed) |
                    std::uint64_t{stopping->load(std::memory_order_relaxed)}) == 0;
        return is_begun;
    }

    /// The same for who does not know the kind of the job's results.
    [[nodiscard]] bool go_on_as_it_is() noexcept {
        return blocks == nullptr ? go_on() : go_on<true>();
    }
};

/// Ends a process that some map's worker forked, and that has come back from the map: it must not
/// write a word that others see.
[[noreturn]] PINFOLD_API void end_forked_copy() noexcept;

inline void end_unless_own(const ProcessMark& process) noexcept {
    if (!process.holds()) [[unlikely]] {
        end_forked_copy();
    }
}

/// Calls `map(row)` for each chunk of the row. `Runs` tells a race checker.
template <typename Runs = MapRuns, typename Map>
void run_row(ChunkRow& row, const Map& map) {
    ChunkRow mine = row;  // of which nobody has the address: it lies in registers
    do {
        const Runs runs;
        map(mine);
        end_unless_own(mine.process);
    } while (mine.go_on());
    row.at = mine.at;
    row.is_begun = mine.is_begun;
}

/// A result that is added up in its frame is read and written by whole vectors. So that none of
/// them crosses a cache line, one of several vectors begins a line (front_door_bench, pca with
/// clang: 1.09 in place of 1.29 of oneTBB's time).
template <typename R>
inline constexpr std::size_t frame_alignment = (sizeof(R) >= 64 && alignof(R) <= 64) ? 64
                                                                                     : alignof(R);

/// The same for maps with results. A large one is made where the row says, which is then memory of
/// the worker's own.
template <typename R, typename Runs = MapRuns, typename Map>
void run_row_with_results(ChunkRow& row, const Map& map) {
    ChunkRow mine = row;
    do {
        const Runs runs;
        if constexpr (sizeof(R) <= largest_result_in_a_frame) {
            alignas(frame_alignment<R>) const R value = map(mine);
            end_unless_own(mine.process);
            new (mine.result()) R(value);
        } else {
            new (mine.result()) R(map(mine));
            end_unless_own(mine.process);
        }
    } while (mine.go_on());
    row.at = mine.at;
    row.is_begun = mine.is_begun;
}

/// The same for maps whose results lie in slots; `write(slot, value, blocks)` puts one there. A
/// large one is made on the heap. A copy of the worker that comes back from the map, or from what
/// the result's writing calls, must neither take a block nor commit.
template <typename R, typename Runs = MapRuns, typename Map, typename Write>
void run_row_with_slots(ChunkRow& row, const Map& map, const Write& write) {
    ChunkRow mine = row;
    do {
        const Runs runs;
        if constexpr (sizeof(R) <= largest_result_in_a_frame) {
            const R value = map(mine);
            end_unless_own(mine.process);
            write(mine.slot(), value, *mine.blocks);
        } else {
            const std::unique_ptr<const R> value(new R(map(mine)));
            end_unless_own(mine.process);
            write(mine.slot(), *value, *mine.blocks);
        }
        end_unless_own(mine.process);
        reached_in_row(RowStep::written);
    } while (mine.template go_on<true>());
    row.at = mine.at;
    row.is_begun = mine.is_begun;
}

/// The same for results that are written as messages.
template <typename R, typename Runs = MapRuns, typename Map>
void run_row_with_messages(ChunkRow& row, const Map& map) {
    run_row_with_slots<R, Runs>(row, map, write_result<R>);
}

}  // namespace detail
}  // namespace pinfold
