#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/token.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold::shm {

/// A word in shared memory that at most one thread owns, of whatever process: a lock whose owner
/// may die.
///
///     owner ──unlock──► nobody ──take──► owner
///       └──death──► nobody, abandoned ──take, if the taker accepts that──► owner, abandoned
///
/// When its owner dies, the burial leaves it abandoned and wakes all who wait. Whoever takes it is
/// told, until an owner says that what it protects is whole again.
///
/// A word of zeros is nobody's. Thread-safety: all members. Fork: see Roster.
///
/// Run time: taken and let go by one thread, some 15 ns (lock_bench). A waiter looks some
/// microseconds before it sleeps.
class PINFOLD_API alignas(8) OwnerWord {
  public:
    enum class Taken : std::uint8_t {
        yes,
        yes_abandoned,  ///< the caller owns it, and is told that an owner before has died
        no_abandoned,   ///< the caller did not accept that: it does not own it
        no_time,        ///< the time is over
        no_broken,      ///< nobody buries any more
        no_own,         ///< the caller owns it already
        no_room,        ///< the caller is at as many words as a seat can name
        no_more,        ///< the word has ended
    };

    /// Makes the calling thread its owner, before `until`. Throws what Roster::seat() throws.
    [[nodiscard]] Taken take(Roster& roster, Until until, bool accepts_abandoned);

    /// Ends what take() began. Returns false where the caller is not the owner: then nothing
    /// changes.
    [[nodiscard]] bool let_go(Roster& roster);

    /// The owner says that what it protects is whole. Returns false where the caller is not.
    [[nodiscard]] bool make_consistent(Roster& roster);

    [[nodiscard]] bool is_owner(Roster& roster) const;

    /// Who owns it, or detail::no_token.
    [[nodiscard]] detail::Token owner() const noexcept {
        const detail::Token seen = owner_.load(std::memory_order_relaxed) & ~abandoned;
        return seen == ended ? detail::no_token : seen;
    }

    /// Nobody owns it any more, nor will; all who wait are told. For whoever is about to free it.
    void end() noexcept;

    /// For burials: what a dead owner had is nobody's, and told to the next, or not.
    void abandon(detail::Token dead) noexcept { bury(dead, abandoned); }
    void release(detail::Token dead) noexcept { bury(dead, 0); }

  private:
    static constexpr std::uint32_t abandoned = 1U << 31;
    static constexpr std::uint32_t ended =
        abandoned - 1;  // no thread's token: no seat has that number

    [[nodiscard]] Taken take_or_wait(Roster& roster, detail::Seat& seat, Until until,
                                     bool accepts_abandoned);
    [[nodiscard]] Taken wait_to_take(Roster& roster, detail::Seat& seat, Until until,
                                     bool accepts_abandoned);
    [[nodiscard]] Taken try_to_take(detail::Token mine, bool accepts_abandoned) noexcept;
    void bury(detail::Token dead, std::uint32_t what_is_left) noexcept;

    std::atomic<std::uint32_t> owner_{0};
    Doorbell bell_;
};

}  // namespace pinfold::shm
