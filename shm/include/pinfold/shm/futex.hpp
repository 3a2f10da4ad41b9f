#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::shm {

/// Sleeps while `word` holds `seen`, until a wake or until `timeout` has passed (negative: for
/// ever). The futex is of the shared kind: it works between processes, at whatever address each of
/// them maps the word. It may also return early for no reason, so call it in a loop. Throws
/// std::system_error when the kernel refuses the word.
PINFOLD_API void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                            std::chrono::nanoseconds timeout);

/// Wakes `most` of those who sleep on `word`, or all of them where there are fewer, and returns how
/// many it woke. Costs a system call.
PINFOLD_API std::uint32_t futex_wake(const std::atomic<std::uint32_t>& word,
                                     std::uint32_t most) noexcept;

/// Wakes every sleeper on `word`. Costs a system call.
PINFOLD_API void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept;

}  // namespace pinfold::shm
