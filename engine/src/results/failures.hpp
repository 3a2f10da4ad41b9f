#pragma once

// What is kept of chunks that found no result, in shared memory.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/engine/limits.hpp>

#include "worker_death.hpp"
#include "worker_number.hpp"

namespace pinfold::detail {

/// What a map threw. That which failed a job is kept of each worker, so that the lowest of several
/// chunks can be told. Written by that worker, and by the supervisor when it is dead.
struct Thrown {
    std::atomic<std::uint64_t> generation{0};  // of the job; the rest counts only if it is this one
    std::uint64_t state_index = 0;             // of the chunk
    std::array<char, 128> type{};
    std::array<char, 896> text{};

    void record(std::uint64_t of_generation, std::uint64_t at, const char* of_type,
                const char* with_text) noexcept;

    /// Forgets what a dead worker may have written for a chunk that is to run again.
    void forget() noexcept { generation.store(0, std::memory_order_relaxed); }
};

/// Which worker ended, and how.
struct WorkerEnd {
    WorkerNumber worker = 0;
    WorkerDeath death;
};

/// Why a worker ended while it was on the board; written by the supervisor alone.
struct DeathRecord : WorkerEnd {
    std::uint64_t state_index = 0;
    bool had_chunk = false;
};
inline constexpr std::uint32_t kept_deaths = 128;  // the newest
static_assert(kept_deaths >= most_attempts, "the deaths that made a chunk poison are all told");

/// Why a chunk was lost that the job goes on without. Written once in a job, by the worker whose
/// map threw, or by the supervisor when the last of the chunk's attempts ended in a death, and
/// before the chunk counts as lost.
struct SkipRecord {
    Thrown thrown;             // names the chunk and the job; without texts after deaths
    std::uint32_t deaths = 0;  // that are told here; of a chunk that threw, none
    std::array<WorkerEnd, most_attempts> ends{};

    void record(std::uint64_t generation, std::uint64_t at, const char* type,
                const char* text) noexcept;

    void add(const WorkerEnd& end) noexcept {
        if (deaths < ends.size()) {
            ends[deaths++] = end;
        }
    }

    /// Ends the record of a chunk that deaths lost.
    void publish(std::uint64_t generation, std::uint64_t at) noexcept;
};

/// Who loses a chunk takes a record. It may die before it has written it, or before the chunk is
/// lost: so a chunk may have several records, of which the newest counts, and one that is not lost
/// in the end has none.
struct SkipLog {
    SkipRecord* records = nullptr;  // as many as a job may take; memory that nothing has set
    std::uint64_t size = 0;
    std::atomic<std::uint64_t> taken{0};

    /// nullptr when none is left.
    [[nodiscard]] SkipRecord* take() noexcept {
        const std::uint64_t number = taken.fetch_add(1, std::memory_order_relaxed);
        return number < size ? records + number : nullptr;
    }
};

/// A job has no more of them; see JobReport::skipped. They have room in 6 MB, of which only what is
/// written takes memory.
inline constexpr std::uint64_t most_skip_records = 2048;

}  // namespace pinfold::detail
