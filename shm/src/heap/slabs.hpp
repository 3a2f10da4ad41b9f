#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <pinfold/shm/party.hpp>

#include "heap/heap_memory.hpp"
#include "heap/own_lines.hpp"
#include "heap/presence.hpp"
#include "heap/units.hpp"

namespace pinfold::shm::detail {

/// Small blocks: each party takes them from slabs of its own, one slab a class at a time, and
/// everybody gives them back by clearing a bit.
///
/// Thread-safety: taking, one thread at a time for each party; freeing, any.
class Slabs {
  public:
    Slabs(HeapMemory& memory, OwnLines& own, Units& units, Presence& presence)
        : memory_(memory), own_(own), units_(units), presence_(presence) {}

    /// The offset of a block, which the party holds. Nothing when the heap has no unit left; throws
    /// Shortage.
    [[nodiscard]] std::optional<std::uint64_t> take(PartyNumber party, std::size_t size_class);

    /// Whether the offset is of a block that is taken, in a unit that has this word.
    [[nodiscard]] bool is_taken(UnitWord word, std::uint64_t offset) const noexcept;

    /// Frees a block of a slab, for a party whose line names it. False when it was free.
    [[nodiscard]] bool free(PartyNumber party, UnitWord word, std::uint64_t offset) noexcept;

    /// Closes the unit's slab, if it is a resting one and empty.
    void close_if_empty(PartyNumber party, std::size_t unit) noexcept;

    /// Lets all slabs rest from which the dead party took.
    void rest_all(PartyNumber party) noexcept;

    /// Completes the look of a dead party.
    void finish_closing(PartyNumber party) noexcept;

    /// The bytes of the blocks that are taken, in a slab that has this word.
    [[nodiscard]] std::size_t used_bytes(UnitWord word, std::size_t unit) const noexcept;

  private:
    [[nodiscard]] bool refill(PartyNumber party, std::size_t size_class);
    [[nodiscard]] bool find_in_slab(Source& source, std::size_t size_class) const noexcept;
    [[nodiscard]] bool reopen(PartyNumber party, std::size_t size_class,
                              std::size_t reach) noexcept;
    [[nodiscard]] bool open_new(PartyNumber party, std::size_t size_class);
    void use(PartyNumber party, std::size_t size_class, std::size_t unit) noexcept;
    void rest(PartyNumber party, std::size_t size_class, std::size_t unit) noexcept;
    [[nodiscard]] std::uint64_t free_blocks(std::size_t unit, std::size_t word,
                                            std::size_t size_class) const noexcept;
    void finish_closing(std::size_t unit, UnitWord closing) noexcept;

    HeapMemory& memory_;
    OwnLines& own_;
    Units& units_;
    Presence& presence_;
};

}  // namespace pinfold::shm::detail
