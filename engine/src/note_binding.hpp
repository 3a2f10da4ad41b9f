#pragma once

#include <pinfold/affinity/binding.hpp>
#include <pinfold/shm/party.hpp>

namespace pinfold::detail {

/// Notes whether the calling thread, which is `worker`, is bound to the CPU it was given: the
/// system takes a binding back when the CPU leaves the cpuset or goes offline. While the thread
/// runs on its CPU that costs no system call.
inline void note_binding(shm::Party& worker) noexcept {
    const int cpu = worker.cpu.load(std::memory_order_relaxed);
    if (cpu < 0) {
        return;
    }
    const bool was_bound = worker.is_bound.load(std::memory_order_relaxed);
    const bool is_bound = (was_bound && affinity::runs_on(cpu)) || affinity::bound_cpu() == cpu;
    if (is_bound != was_bound) {
        worker.is_bound.store(is_bound, std::memory_order_relaxed);
    }
}

/// The same where a binding may have gone while the worker was busy.
inline void note_lost_binding(shm::Party& worker) noexcept {
    if (worker.is_bound.load(std::memory_order_relaxed) &&
        !affinity::runs_on(worker.cpu.load(std::memory_order_relaxed))) {
        note_binding(worker);
    }
}

}  // namespace pinfold::detail
