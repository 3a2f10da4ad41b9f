#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/shm/parties/token.hpp>

namespace pinfold::shm::detail {

/// What goes on in a slot of a ring.
enum class SlotKind : std::uint8_t {
    free,     // of the lap that is to come
    writing,  // a thread writes a message of this lap
    handing,  // the same, and the slot names the message's block
    full,
    reading,  // a thread has the message of this lap, and may put it back
};

/// The truth of a slot: of which lap it is, in whose hands, and what goes on. So much of a token is
/// enough, since a burial leaves no token of the dead anywhere.
struct SlotWord {
    static constexpr int kind_bits = 3;
    static constexpr int owner_bits = 20;
    static constexpr int lap_bits = 64 - kind_bits - owner_bits;

    std::uint64_t lap = 0;
    Token owner = no_token;
    SlotKind kind = SlotKind::free;

    static constexpr Token owner_of(Token token) noexcept {
        return token & ((1U << owner_bits) - 1);
    }
    static constexpr SlotWord unpack(std::uint64_t word) noexcept {
        return {word >> (kind_bits + owner_bits), owner_of(static_cast<Token>(word >> kind_bits)),
                static_cast<SlotKind>(word & ((1U << kind_bits) - 1))};
    }
    [[nodiscard]] constexpr std::uint64_t pack() const noexcept {
        return lap << (kind_bits + owner_bits) | std::uint64_t{owner} << kind_bits |
               static_cast<std::uint64_t>(kind);
    }

    [[nodiscard]] constexpr bool is_of(Token token) const noexcept {
        return owner != no_token && owner == owner_of(token);
    }
};
static_assert(seat_bits <= SlotWord::owner_bits);

/// How many laps `a` is ahead of `b`. Laps repeat after 2^41, hints are not that old.
constexpr std::int64_t laps_between(std::uint64_t a, std::uint64_t b) noexcept {
    constexpr int rest = 64 - SlotWord::lap_bits;
    return static_cast<std::int64_t>((a - b) << rest) >> rest;
}

/// A message's place among all that a ring has had: the lap, and the slot.
struct RingPosition {
    static constexpr int index_bits = 64 - SlotWord::lap_bits;

    std::uint64_t value = 0;

    static constexpr RingPosition of(std::uint64_t lap, std::uint32_t index) noexcept {
        return {lap << index_bits | index};
    }
    [[nodiscard]] constexpr std::uint64_t lap() const noexcept { return value >> index_bits; }
    [[nodiscard]] constexpr std::uint32_t index() const noexcept {
        return static_cast<std::uint32_t>(value & ((1U << index_bits) - 1));
    }
    [[nodiscard]] constexpr bool is_before(RingPosition other) const noexcept {
        return static_cast<std::int64_t>(value - other.value) < 0;
    }
    friend constexpr bool operator==(RingPosition, RingPosition) noexcept = default;
};

struct RingSlot {
    std::atomic<std::uint64_t> word{0};

    [[nodiscard]] std::byte* message() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a lock would die with its holder");

}  // namespace pinfold::shm::detail
