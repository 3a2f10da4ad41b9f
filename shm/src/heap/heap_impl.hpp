#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/memory_budget.hpp>

#include "heap/heap_memory.hpp"
#include "heap/presence.hpp"
#include "heap/slabs.hpp"
#include "heap/units.hpp"

namespace pinfold::shm {

/// Its process's own part; what is shared is behind `memory`.
struct Heap::Impl {
    Impl(const Mapping& mapping, std::span<std::byte> region, std::size_t parties,
         const std::function<MemoryBudget()>& budget)
        : memory(mapping, region, parties),
          own(parties),
          units(memory, own),
          presence(memory, own, budget),
          slabs(memory, own, units, presence) {}

    [[nodiscard]] void* allocate(PartyNumber party, std::size_t bytes, std::size_t alignment);
    void drop_held(PartyNumber party) noexcept;
    void deallocate(PartyNumber party, void* block) noexcept;
    void bury(PartyNumber party, bool is_published) noexcept;

    [[nodiscard]] bool contains(const void* data) const noexcept;
    [[nodiscard]] std::size_t used_bytes() const noexcept;

    /// Gives the memory of all free units back to the system, in the host. Returns how many bytes.
    [[nodiscard]] std::size_t trim();

    detail::HeapMemory memory;
    detail::OwnLines own;
    detail::Units units;
    detail::Presence presence;
    detail::Slabs slabs;
    std::mutex host_mutex;  // what of the host's memory one thread at a time may use

  private:
    void check(PartyNumber party, std::size_t alignment) const;
    [[nodiscard]] std::uint64_t take(PartyNumber party, std::size_t bytes, std::size_t alignment);
    [[nodiscard]] std::optional<std::uint64_t> take_run(PartyNumber party, std::size_t bytes);
    [[nodiscard]] bool is_alive(std::uint64_t offset) const noexcept;
    void free(PartyNumber party, std::uint64_t offset) noexcept;
    void free_named(PartyNumber party, std::uint64_t offset) noexcept;

    // Of bury(), see burial.cpp.
    void bury_freeing(PartyNumber party) noexcept;
    [[nodiscard]] bool is_freed_by(PartyNumber party, std::size_t unit) const noexcept;
    void bury_taking(PartyNumber party) noexcept;
};

}  // namespace pinfold::shm
