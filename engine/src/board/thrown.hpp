#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace pinfold::detail {

/// What a worker's map threw that failed the job, in shared memory; of each worker, so that the
/// lowest of several chunks can be told. Written by that worker, and by the supervisor when it is
/// dead.
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

}  // namespace pinfold::detail
