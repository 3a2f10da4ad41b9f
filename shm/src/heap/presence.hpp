#pragma once

#include <cstddef>
#include <functional>
#include <pinfold/shm/memory_budget.hpp>
#include <pinfold/shm/party.hpp>
#include <span>
#include <string>

#include "heap/heap_memory.hpp"
#include "heap/own_lines.hpp"

namespace pinfold::shm::detail {

/// Thrown where memory ends.
struct Shortage {
    std::size_t left = 0;
    std::string limit;
};

/// Brings pages into memory; throws Shortage when the system has none.
void populate(const HeapMemory& memory, std::span<std::byte> part);

/// Brings a heap's pages into memory after a look at the budget, in whichever process.
///
/// A look costs some 50 µs, and a slab takes as long to bring in. So a party asks for more than it
/// needs, and for a short time does not ask again. What it may bring in stands in its line, where
/// the others count it: of two that ask for more than there is together, at most one gets it.
///
/// Thread-safety: one thread at a time for each party.
class Presence {
  public:
    Presence(HeapMemory& memory, OwnLines& own, const std::function<MemoryBudget()>& budget)
        : memory_(memory), own_(own), budget_(budget) {}

    /// `missing`: how much of `part` is not in memory yet.
    void bring_in(PartyNumber party, std::span<std::byte> part, std::size_t missing);

    /// What all parties wait for, and the arena's own blocks.
    [[nodiscard]] std::size_t awaited() const noexcept;

    /// After the death of a party.
    void forget(PartyNumber party) noexcept;

  private:
    void ask_for(PartyNumber party, std::size_t bytes);
    void set(PartyNumber party, std::size_t bytes) noexcept;

    HeapMemory& memory_;
    OwnLines& own_;
    const std::function<MemoryBudget()>& budget_;
};

/// What a budget must have for so many bytes: also the kernel's own, since page tables and the
/// index of a file's pages take 1/512 and about 1/450, and something for the rest of the program.
[[nodiscard]] std::size_t needed_budget(std::size_t bytes) noexcept;

/// Between two slices of a large block its party looks at the budget again, so that a program that
/// takes memory at the same time is noticed within 20 to 50 ms.
inline constexpr std::size_t slice_bytes = std::size_t{64} << 20;

/// The first memory is brought in without a look at the budget: any program's start takes as much
/// unasked, and a pool needs no more of its own.
inline constexpr std::size_t unasked_bytes = std::size_t{1} << 20;

}  // namespace pinfold::shm::detail
