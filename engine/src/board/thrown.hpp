#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "worker_number.hpp"

namespace pinfold::detail {

/// The text of the first exception that a map let out, in shared memory.
struct Thrown {
    std::atomic<std::uint32_t> writer{0};  // worker + 1, who alone may write the rest
    std::array<char, 128> type{};
    std::array<char, 896> text{};
    std::uint64_t state_index = 0;

    /// Writes what the map of chunk `at` threw, unless somebody has written before.
    void record(WorkerNumber worker, std::uint64_t at, const char* of_type,
                const char* with_text) noexcept;

    /// Forgets what dead worker `worker` may have written half of.
    void forget(WorkerNumber worker) noexcept;
};

}  // namespace pinfold::detail
