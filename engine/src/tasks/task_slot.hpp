#pragma once

// A task in shared memory. The first two lines are all that a short one without a result needs.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/shm/party.hpp>
#include <span>
#include <string_view>

#include "floating_mode.hpp"
#include "results/failures.hpp"
#include "tasks/task_slot_id.hpp"
#include "tasks/task_word.hpp"

namespace pinfold::detail {

using shm::cache_line;

struct RunningTask;
using TaskFunction = void (*)(const RunningTask& task);  // see task_spec.hpp

/// How a task that is done ended.
enum class TaskOutcome : std::uint8_t {
    value,      // TaskSlot::result says which
    thrown,     // TaskFailure says what
    heap_full,  // the same: its result found no room
    lost,       // its last attempt ended in a death
};

struct alignas(cache_line) TaskSlot {
    static constexpr std::size_t room = 104 - sizeof(FloatingMode);
    static constexpr std::size_t name_room = 24;  // with the zero behind it

    // Written by the owner of the lane while the word says `free`; the outcome by the attempt.
    TaskWord word{0};
    TaskFunction call = nullptr;
    std::atomic<std::byte*> block{nullptr};  // of the message, if it has no room here
    std::uint64_t message_bytes = 0;
    std::int64_t deadline_ns = 0;  // of an attempt; 0: none
    std::uint64_t number = 0;      // for reports: counted in its lane, from 1 on
    TaskSlotId parent;             // whose attempt submitted it; no lane: no task's
    std::uint8_t max_attempts = 1;
    bool has_name = false;
    std::atomic<TaskOutcome> outcome{TaskOutcome::value};
    std::uint8_t unused = 0;

    FloatingMode floating_mode;  // of the thread that submitted it
    std::array<std::byte, room> here{};
    std::array<char, name_room> name_bytes{};

    ResultSlot result{};  // written by the attempt, before the word says `done`

    [[nodiscard]] const std::byte* message() const noexcept {
        const std::byte* const far = block.load(std::memory_order_relaxed);
        return far != nullptr ? far : here.data();
    }
    [[nodiscard]] std::string_view name() const noexcept {
        return has_name ? std::string_view(name_bytes.data()) : std::string_view();
    }
};
static_assert(sizeof(TaskSlot) == 256 && TaskSlot::room >= 64);

/// Asks for a line that is to be written, and so for the only copy. The compiler's own prefetch
/// asks for one more copy where it may not use this instruction, which does nothing on the first
/// CPUs of 64 bits.
inline void prefetch_to_write(const void* line) noexcept {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(line)));
#else
    __builtin_prefetch(line, 1);
#endif
}

/// Why a task has no value, or which workers died of it so far. Beside its slot, in memory that
/// nobody touches before something fails. Written by the worker of an attempt, and by the
/// supervisor when that is dead.
struct TaskFailure {
    static constexpr std::uint32_t kept_ends = 8;  // the newest

    std::uint32_t lap = 0;  // the rest counts only if it is the task's
    std::uint32_t deaths = 0;
    std::array<WorkerEnd, kept_ends> ends{};  // end n lies at n % kept_ends
    std::array<char, 128> type{};
    std::array<char, 896> text{};

    void record(std::uint32_t of_lap, const char* of_type, const char* with_text) noexcept;
    void add_death(std::uint32_t of_lap, const WorkerEnd& end) noexcept;

    [[nodiscard]] std::uint32_t deaths_of(std::uint32_t of_lap) const noexcept {
        return lap == of_lap ? deaths : 0;
    }

  private:
    void begin(std::uint32_t of_lap) noexcept;
};

}  // namespace pinfold::detail
