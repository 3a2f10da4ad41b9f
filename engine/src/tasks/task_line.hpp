#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <pinfold/shm/party.hpp>

#include "tasks/task_slot_id.hpp"
#include "worker_death.hpp"

namespace pinfold::detail {

/// How deep tasks may lie in each other on one worker: a task that waits runs others above itself.
inline constexpr std::uint32_t most_inline = 64;

/// What a worker is at among the tasks; written by that worker, and by the supervisor between two
/// workers of the same number. A burial reads this and nothing else: each task, slot and block is
/// named here before the first step with it.
struct alignas(shm::cache_line) TaskLine {
    std::atomic<std::uint32_t> depth{0};   // tasks on the stack; the highest is named, or claimed
    std::atomic<std::uint32_t> begun{0};   // of these, that have begun
    std::atomic<std::uint64_t> starts{0};  // tasks claimed, ever
    std::atomic<std::uint64_t> condemned{0};   // by the supervisor, for a moment; see oversight.hpp
    std::atomic<std::uint64_t> freeing{0};     // the slot that it frees: lane, slot + 1; or 0
    std::atomic<std::uint32_t> submitting{0};  // the slot of its own that it publishes + 1, or 0
    std::atomic<std::uint32_t> timed_depth{0};              // the levels below may have deadlines
    std::atomic<MemoryLack> memory_lack{MemoryLack::none};  // it is to end, which is no death

    // By depth.
    alignas(shm::cache_line) std::array<std::atomic<std::uint64_t>, most_inline> places{};
    std::array<std::atomic<std::uint32_t>, most_inline> laps{};
    std::array<std::atomic<std::uint64_t>, most_inline> timed{};  // with a deadline: starts then
    std::array<std::atomic<std::int64_t>, most_inline> deadlines_ns{};  // these

    [[nodiscard]] TaskSlotId at(std::uint32_t level) const noexcept {
        const std::uint64_t place = places[level].load(std::memory_order_relaxed);
        return {static_cast<std::uint32_t>(place >> 32), static_cast<std::uint32_t>(place),
                laps[level].load(std::memory_order_relaxed)};
    }
    [[nodiscard]] std::uint32_t levels_timed() const noexcept {
        return std::min(timed_depth.load(std::memory_order_seq_cst), most_inline);
    }
};

}  // namespace pinfold::detail
