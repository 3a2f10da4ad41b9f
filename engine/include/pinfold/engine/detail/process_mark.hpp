#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::detail {

/// Whether this process is the one with this number, for kernels that wipe nothing.
[[nodiscard]] PINFOLD_API bool is_this_process(std::uint64_t pid) noexcept;

/// The process that made it: a child that was forked since, in whatever way, finds that it is not
/// that one. Not for users.
struct ProcessMark {
    const std::atomic<std::uint64_t>* life = nullptr;  // on a page that a fork wipes
    std::uint64_t value = 0;                           // of it, or the process's number; 0: any

    [[nodiscard]] bool holds() const noexcept {
        if (life == nullptr) {
            return value == 0 || is_this_process(value);
        }
        return life->load(std::memory_order_relaxed) == value;
    }
};

/// A map's result of more bytes is made in memory of its worker's own, and then copied.
inline constexpr std::size_t largest_result_in_a_frame = 4096;

}  // namespace pinfold::detail
