#pragma once

#include <atomic>
#include <pinfold/api.hpp>

namespace pinfold::shm {

// Fences of which one side costs nothing. Where party A stores x and then loads y, and party B
// stores y and then loads x, at least one of the two must see the other's store. With a fence
// between store and load on both sides it does. A light fence on A's side and a heavy one on B's
// have the same effect, as long as A's process receives heavy fences.
//
// Source: the Linux system call membarrier(2), command GLOBAL_EXPEDITED.

/// Keeps the compiler from moving a load above a store. Costs no instruction.
inline void light_fence() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

/// Makes heavy fences reach all threads of this process, from now on and until its next exec. A
/// process that it forks asks again. Returns false where the system refuses.
///
/// Cost: 0.3 µs in a process of one thread, and once some milliseconds in one of several.
[[nodiscard]] PINFOLD_API bool receive_heavy_fences() noexcept;

/// A full fence on each CPU that runs a thread of a process that receives heavy fences, and here.
/// Returns false where the system refuses; then nothing is fenced.
///
/// Cost: an interrupt on each of these CPUs, and a wait for the last; 0.2 µs when there is none,
/// some microseconds otherwise.
[[nodiscard]] PINFOLD_API bool heavy_fence() noexcept;

}  // namespace pinfold::shm
