#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::shm {

/// The bytes that one CPU takes from another at a time. What different parties write lies on
/// different lines.
inline constexpr std::size_t cache_line = 64;

/// A party's place in a table of parties. It is used again by the party's successor.
using PartyNumber = std::uint32_t;

/// A process's number in a Roster. 0 is the one that made it; the others are as the program likes.
using ProcessNumber = std::uint16_t;

/// Names one life of one party: a place in a table of parties, and the count of the lives that
/// began there.
///
/// A number is used again by a party's successor, the pair is not: what names a pair can tell a
/// dead party from the living one on the same place.
struct PartyId {
    std::uint32_t number = 0;
    std::uint32_t incarnation = 0;

    friend constexpr bool operator==(const PartyId&, const PartyId&) noexcept = default;
};

/// Somebody who takes part in shared memory: a host, or a worker. It is the one place of what
/// others must know of it, whatever it works on.
///
///     std::array<pinfold::shm::Party, 8> parties;  // in shared memory
///     const pinfold::shm::PartyId before = parties[3].id(3);
///     parties[3].begin_next_life();  // by whoever found it dead
///     const pinfold::shm::PartyId successor = parties[3].id(3);
///     assert(successor.number == before.number && successor != before);
///
/// Thread-safety: each member says who writes it; everybody may read.
struct PINFOLD_API alignas(cache_line) Party {
    /// Its process; written by the party itself, and until then by whoever made the place.
    std::atomic<int> pid{0};

    /// The CPU that it is to be bound to, or -1; written before the party starts.
    std::atomic<int> cpu{-1};

    /// Whether it is: the CPU may be gone, or go. Written by the party itself.
    std::atomic<bool> is_bound{false};

    /// The NUMA node whose work it takes first, counted among the nodes that have workers; written
    /// before the party starts.
    std::atomic<std::uint32_t> node{0};

    /// How far its life has come: in its start-up, in what a user has it do first, or beyond.
    enum class Stage : std::uint8_t { starting, initializing, ready };

    /// Written by the party itself.
    std::atomic<Stage> stage{Stage::starting};

    /// The CPU that it is bound to, or -1.
    [[nodiscard]] int bound_cpu() const noexcept {
        return is_bound.load(std::memory_order_relaxed) ? cpu.load(std::memory_order_relaxed) : -1;
    }

    /// The present life on this place of the table, whose number is `number`.
    [[nodiscard]] PartyId id(std::uint32_t number) const noexcept {
        return {number, incarnation_.load(std::memory_order_acquire)};
    }

    /// Ends the present life. Only for whoever knows that its process or thread is gone, after all
    /// that it held was given back and before a successor starts.
    void begin_next_life() noexcept {
        stage.store(Stage::starting, std::memory_order_relaxed);
        // Release pairs with the acquire in id(): who sees the new life sees the old one buried.
        incarnation_.fetch_add(1, std::memory_order_release);
    }

    /// The value of the doorbell that calls it, when it last came to look; written by the party
    /// itself, and often: on a line of its own.
    alignas(cache_line) std::atomic<std::uint32_t> heard{0};

  private:
    std::atomic<std::uint32_t> incarnation_{1};
};

}  // namespace pinfold::shm
