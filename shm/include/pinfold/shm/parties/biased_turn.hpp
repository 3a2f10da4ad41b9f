#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <pinfold/shm/parties/token.hpp>
#include <pinfold/shm/party.hpp>

namespace pinfold::shm {

class Doorbell;
class Roster;

namespace detail {
class Name;
struct Seat;
}  // namespace detail

/// Whose turn it is among threads that do one thing after another, for what mostly one thread does:
/// that one is favoured, and comes in by a store and a load. It costs the others more.
///
// What a thread does, with its name in its seat all the while:
//
//     note the name, light fence ──favoured?──► it is in
//                                └──no──► take()
//
// take() is for one thread at a time. It takes the favour from whoever has it, and finds out by a
// heavy fence whether that thread is in: then its name is in its seat. While somebody is favoured,
// nobody else is in.
//
/// A favour is given to a seat with its process, not to a thread: so nothing here speaks of a dead
/// one after its burial.
///
///     pinfold::shm::BiasedTurn turn;
///     const auto place = pinfold::shm::BiasedTurn::place_of(5, 1);  // of a thread of process 1
///     assert(!turn.is_favoured(place) && !turn.is_turn_of(5));
///     assert(!turn.give_up_favour(place));  // it has none
///
/// A word of zeros is nobody's. Thread-safety: all members. Fork: see Roster.
///
/// Source of the idea: biased locking (Kawachiya, Koseki, Onodera, 2002; Dice, Moir, Scherer,
/// "Quickly reacquirable locks", 2010).
class PINFOLD_API BiasedTurn {
  public:
    /// A seat with its process. 0 is none.
    using Place = std::uint32_t;

    /// Of the seat's thread, which has this token.
    [[nodiscard]] static constexpr Place place_of(detail::Token token,
                                                  ProcessNumber process) noexcept {
        return Place{process} << detail::seat_bits | (token & seats);
    }

    /// Whether the thread there is in, if it fenced after it noted the name.
    [[nodiscard]] bool is_favoured(Place place) const noexcept {
        return favoured_.load(std::memory_order_acquire) == place;
    }

    /// For a thread that has noted the name and is not favoured. Answers yes, no_time where another
    /// thread is in or about to be, no_own or no_more. `is_free` is rung where others may have
    /// found it to be so, and sleep.
    [[nodiscard]] Taken take(const Roster& roster, const detail::Seat& seat, Place place,
                             const detail::Name& name, Doorbell& is_free) noexcept;

    /// Whether it has the turn by take(). So it is told before its name goes.
    [[nodiscard]] bool is_turn_of(detail::Token token) const noexcept {
        return turn_.load(std::memory_order_relaxed) == token;
    }
    void let_go(detail::Token token) noexcept;

    /// Whoever is favoured, and finds that another thread is about to take that, gives it up while
    /// it is not in. Returns whether it did: then who waits for the turn is to be woken.
    [[nodiscard]] bool give_up_favour(Place place) noexcept;

    /// Nobody comes in any more. For whoever is about to free it.
    void end() noexcept;

    /// For burials: whether the dead one may have been in, in which case nobody else is; its name
    /// is still in its seat.
    [[nodiscard]] bool was_in(detail::Token dead) const noexcept;

    /// For burials: the turn is not the dead one's any more.
    void release(detail::Token dead) noexcept { let_go(dead); }

    /// For burials, when all threads of the process are buried.
    void forget_process(ProcessNumber process) noexcept;

  private:
    static constexpr Place nobody = 0;
    static constexpr Place seats = (Place{1} << detail::seat_bits) - 1;
    static constexpr Place taken_away = Place{1} << 31;  // whose favour it was may still be in
    static constexpr Place has_ended = Place{1} << 30;
    static constexpr detail::Token ended = (detail::Token{1} << 31) - 1;  // no thread's

    [[nodiscard]] bool is_left_by_favoured(const Roster& roster, Place mine,
                                           const detail::Name& name) const noexcept;
    [[nodiscard]] Taken take_favour(const Roster& roster, Place mine,
                                    const detail::Name& name) noexcept;
    void favour_who_comes_often(Place mine) noexcept;

    std::atomic<Place> favoured_{nobody};
    std::atomic<detail::Token> turn_{detail::no_token};

    // For whoever has the turn.
    Place last_ = nobody;
    std::uint32_t times_ = 0;   // that the turn was taken there, one after the other
    std::uint32_t needed_ = 0;  // so often before that place is favoured
};

}  // namespace pinfold::shm
