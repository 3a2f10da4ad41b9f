#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <pinfold/shm/parties/token.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold::shm {

namespace detail {
enum class NameKind : std::uint8_t;
}  // namespace detail

// The states of an OwnerWord:
//
//     owner ──let_go──► nobody ──take──► owner
//       └──death──► nobody, abandoned ──take, if the taker accepts that──► owner, abandoned

/// A word in shared memory that at most one thread owns, of whatever process: a lock whose owner
/// may die.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     auto& word = *new (arena.allocate(sizeof(pinfold::shm::OwnerWord))) pinfold::shm::OwnerWord;
///     assert(word.take(roster, pinfold::shm::for_ever, false) == pinfold::shm::Taken::yes);
///     assert(word.is_owner(roster));
///     assert(word.let_go(roster) && !word.let_go(roster));
///     roster.close();
///
/// When its owner dies, the burial leaves it abandoned and wakes all who wait. Whoever takes it is
/// told, until an owner says that what it protects is whole again.
///
/// A word of zeros is nobody's. Thread-safety: all members. Fork: see Roster.
///
/// Run time: taken and let go by a thread that has no other, about half of pthread's robust mutex;
/// by one that has, some more (lock_bench). A waiter looks some microseconds before it sleeps.
class PINFOLD_API alignas(8) OwnerWord {
  public:
    using Taken = shm::Taken;

    /// Makes the calling thread its owner, before `until`. Throws what Roster::seat() throws.
    [[nodiscard]] Taken take(Roster& roster, Until until, bool accepts_abandoned);

    /// Ends what take() began. Returns false where the caller is not the owner: then nothing
    /// changes. Does nothing once the word has ended.
    [[nodiscard]] bool let_go(Roster& roster);

    /// The owner says that what it protects is whole. Returns false where the caller is not.
    [[nodiscard]] bool make_consistent(Roster& roster);

    [[nodiscard]] bool is_owner(Roster& roster) const;

    /// Whether an owner died, and nobody has said yet that what it protects is whole.
    [[nodiscard]] bool is_abandoned() const noexcept {
        return (owner_.load(std::memory_order_relaxed) & abandoned) != 0;
    }

    /// Who owns it, or detail::no_token.
    [[nodiscard]] detail::Token owner() const noexcept {
        const detail::Token seen = owner_.load(std::memory_order_relaxed) & ~abandoned;
        return seen == ended ? detail::no_token : seen;
    }

    [[nodiscard]] bool has_ended() const noexcept {
        return owner_.load(std::memory_order_relaxed) == ended;
    }

    /// Nobody owns it any more, nor will; all who wait are told. For whoever is about to free it.
    void end() noexcept;

    /// For burials: what a dead owner had is nobody's, and told to the next, or not.
    void abandon(detail::Token dead) noexcept { bury(dead, abandoned); }
    void release(detail::Token dead) noexcept { bury(dead, 0); }

  private:
    friend class SharedWord;

    static constexpr std::uint32_t abandoned = 1U << 31;
    static constexpr std::uint32_t ended =
        abandoned - 1;  // no thread's token: no seat has that number

    /// `kind` says what a burial does with it meanwhile; let_go_as() is to be told the same.
    [[nodiscard]] Taken take_as(detail::NameKind kind, Roster& roster, Until until,
                                bool accepts_abandoned);
    [[nodiscard]] bool let_go_as(detail::NameKind kind, Roster& roster, std::uint32_t wakes);

    [[nodiscard]] Taken take_from_another(Roster& roster, detail::Seat& seat, Until until,
                                          bool accepts_abandoned);
    [[nodiscard]] Taken take_or_wait(detail::NameKind kind, Roster& roster, detail::Seat& seat,
                                     Until until, bool accepts_abandoned);
    [[nodiscard]] Taken try_to_take(detail::Token mine, bool accepts_abandoned) noexcept;
    /// What is left to do, behind a fence. Returns true.
    [[nodiscard]] bool has_let_go(detail::NameKind kind, detail::Seat& seat, std::uint32_t wakes);
    [[nodiscard]] bool let_go_of_ended(detail::NameKind kind, detail::Seat& seat);
    void bury(detail::Token dead, std::uint32_t what_is_left) noexcept;

    std::atomic<std::uint32_t> owner_{0};
    Doorbell bell_;
    std::atomic<std::uint32_t> is_ending_{0};  // see end()
};

}  // namespace pinfold::shm
