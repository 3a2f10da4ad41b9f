#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/token.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

namespace pinfold::shm {

//     BarrierWord ── lap, resets, broken, ended      one word: what all look at
//         └── Member, one a thread: whose it is, and at which lap it has arrived

/// A barrier in shared memory, for so many threads of whatever processes. Each is a member from its
/// first arrival on, or from join() on. When a member dies, arrived or not, the barrier is broken
/// for all: nobody waits for one that cannot come.
///
/// A place may also be kept for a process, before it is forked: no other one's thread takes it, and
/// when the process dies before one of its threads came, the barrier is broken as well.
///
/// An arrival is a stamp of the lap. Whoever finds the stamps of all members moves the lap on, by
/// compare-and-swap; so nothing is counted, and a death at any step leaves nothing to correct.
///
///     using pinfold::shm::BarrierWord;
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     auto& barrier = *new (arena.allocate(BarrierWord::bytes_for(1))) BarrierWord;
///     barrier.set_members(1);
///     assert(barrier.arrive_and_wait(roster, pinfold::shm::for_ever) ==
///            BarrierWord::Passed::yes_last);
///     assert(barrier.leave(roster));
///     roster.close();
///
/// A word and members of zeros are a barrier. Thread-safety: all members. Fork: see Roster.
class PINFOLD_API alignas(cache_line) BarrierWord {
  public:
    /// A thread's place. Places lie behind the word.
    struct alignas(8) Member {
        std::atomic<std::uint64_t> arrived{0};
        std::atomic<detail::Token> token{detail::no_token};  // or for which process it is kept
        std::atomic<std::uint32_t> place{0};                 // among the members, for burials
    };

    enum class Passed : std::uint8_t {
        yes,
        yes_last,   ///< the caller was the one that moved the lap on
        no_time,    ///< the time was over, so the barrier is broken
        no_whole,   ///< the barrier is broken, or was reset meanwhile
        no_broken,  ///< nobody buries any more
        no_room,    ///< the caller is at as many words as a seat can name
        no_place,   ///< all places have other threads
        no_more,    ///< the barrier has ended
    };

    [[nodiscard]] static std::size_t bytes_for(std::uint32_t members) noexcept {
        return sizeof(BarrierWord) + members * sizeof(Member);
    }

    /// How many threads meet. Once, before anybody comes.
    void set_members(std::uint32_t members) noexcept { members_ = members; }

    [[nodiscard]] std::uint32_t members() const noexcept { return members_; }

    /// Waits until as many as there are places have arrived. Throws what Roster::seat() throws.
    [[nodiscard]] Passed arrive_and_wait(Roster& roster, Until until);

    /// The calling thread is a member, and has not arrived. Returns yes where it is one already.
    [[nodiscard]] Passed join(Roster& roster);

    /// The calling thread is no member any more; where it was none, gives back a place that is kept
    /// for its process. Returns false where there is none either.
    [[nodiscard]] bool leave(Roster& roster);

    /// Keeps a place for a process that is about to be forked. Returns false where all places are
    /// taken or kept. For the process that made the roster, one thread at a time.
    [[nodiscard]] bool keep_place(Roster& roster, ProcessNumber process) noexcept;

    /// Gives back all places that are kept for a process that was not forked in the end.
    void give_back(ProcessNumber process) noexcept;

    /// Begins anew: those who wait are told, the living stay members.
    void reset(Roster& roster);

    /// Breaks it for all.
    void abort(Roster& roster);

    [[nodiscard]] bool is_whole() const noexcept;

    /// How many have arrived at this lap.
    [[nodiscard]] std::uint32_t arrived() const noexcept;

    void end() noexcept;

    static void bury(Member& member, detail::Token dead) noexcept;

    /// For burials: all threads of the process are buried. `tells_anyway`: another burial may have
    /// broken the barrier and told nobody.
    void bury(ProcessNumber process, bool tells_anyway) noexcept;

    /// Whether the barrier has ended that a member is of.
    [[nodiscard]] static bool has_ended(const Member& member) noexcept;

  private:
    friend class Roster;

    // lap 32 | resets 30 | ended 1 | broken 1
    using State = std::uint64_t;
    static constexpr State broken = 1;
    static constexpr State ended = 2;
    static constexpr State one_reset = 4;
    static constexpr State one_lap = State{1} << 32;
    static constexpr State laps = ~(one_lap - 1);

    [[nodiscard]] static BarrierWord& barrier_of(const Member& member) noexcept;
    [[nodiscard]] std::span<Member> all() const noexcept;
    template <typename Change>
    void change_for_all(Roster& roster, Change change);
    [[nodiscard]] Member* place_of(Roster& roster, Passed& why_not);
    [[nodiscard]] Member* take_place(detail::Seat& seat, detail::Token before, Passed& why_not);
    [[nodiscard]] Passed wait(Roster& roster, State arrived_at, Until until);
    [[nodiscard]] bool have_all_arrived(State at) const noexcept;
    [[nodiscard]] static bool is_over(State now, State arrived_at, Passed& how) noexcept;

    std::atomic<State> state_{0};
    Doorbell bell_;
    std::uint32_t members_ = 0;
    std::atomic<BarrierWord*> next_{nullptr};  // of its roster, of those that ever kept a place
    Roster* roster_ = nullptr;                 // if it did
};

}  // namespace pinfold::shm
