#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <pinfold/shm/party.hpp>

#include "heap/heap_memory.hpp"
#include "heap/own_lines.hpp"

namespace pinfold::shm::detail {

/// Claims ranges of free units, makes runs of them, and frees both.
///
/// Thread-safety: one thread at a time for each party; for the host's frees, any.
class Units {
  public:
    Units(HeapMemory& memory, OwnLines& own) : memory_(memory), own_(own) {}

    /// Claims `count` units, for a line that names no others. Returns the first; nothing when no so
    /// many lie side by side.
    [[nodiscard]] std::optional<std::size_t> take(PartyNumber party, std::size_t count);

    /// How many pages of a claimed unit are in memory.
    [[nodiscard]] std::size_t present(std::size_t unit) const noexcept;

    /// Frees what the party's line names as being taken, as if it had never been claimed. What was
    /// brought in for it goes back to the system.
    void undo_taking(PartyNumber party) noexcept;

    /// What was taken is in use now, under words of its own.
    void end_taking(PartyNumber party) noexcept;

    /// Makes a run of `pages` of the units that are claimed, all in memory. The party holds it.
    void publish_run(PartyNumber party, std::size_t first, std::size_t pages) noexcept;

    /// Frees the run whose first unit this is, for a party whose line names it. False when there is
    /// none, or somebody else frees it.
    [[nodiscard]] bool free_run(PartyNumber party, std::size_t first) noexcept;

    /// Completes what free_run() began.
    void go_on_freeing(std::size_t first) noexcept;

    /// Gives all memory that free units hold back to the system. Returns how many bytes.
    std::size_t trim(PartyNumber party) noexcept;

    /// The units that are free, or were never in use.
    [[nodiscard]] std::size_t count_free() const noexcept;

  private:
    [[nodiscard]] std::optional<std::size_t> take_below(PartyNumber party, std::size_t count,
                                                        std::size_t end, std::size_t reach);
    [[nodiscard]] std::optional<std::size_t> take_one(PartyNumber party, std::size_t end);
    [[nodiscard]] std::optional<std::size_t> take_at_top(PartyNumber party, std::size_t count);
    [[nodiscard]] std::optional<std::size_t> claim(PartyNumber party, UnitRange range);
    [[nodiscard]] bool claim_one(PartyNumber party, std::size_t unit) noexcept;
    void release(PartyNumber party, UnitRange range) noexcept;
    void raise_top(std::size_t end) noexcept;
    [[nodiscard]] bool is_free(std::size_t unit) const noexcept;
    [[nodiscard]] std::optional<std::size_t> named_in(UnitRange range) const noexcept;
    void prepare(std::size_t end);

    HeapMemory& memory_;
    OwnLines& own_;
};

/// Whether the word is of a unit that `party` has claimed, or made a tail of a run that it has not
/// published.
[[nodiscard]] constexpr bool is_being_taken(UnitWord word, PartyNumber party,
                                            std::size_t first) noexcept {
    return (word.kind == UnitKind::claimed && word.party == party) ||
           (word.kind == UnitKind::tail && word.rest == first);
}

}  // namespace pinfold::shm::detail
