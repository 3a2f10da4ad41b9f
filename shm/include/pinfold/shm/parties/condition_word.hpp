#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold::shm {

// One who waits for a ConditionWord:
//
//     is about to sleep ─► lets go ─► sleeps ─► takes the lock ─► looks ─► lets go
//        └── a ring from here on wakes it ─┘└── its death here wakes the others ──┘

/// A word in shared memory on which threads sleep until others say that something changed, which
/// they look at under a lock.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     void* const memory = arena.allocate(sizeof(pinfold::shm::ConditionWord));
///     auto& word = *new (memory) pinfold::shm::ConditionWord;
///     const auto let_go = [](void* is_held) { *static_cast<bool*>(is_held) = false; };
///     bool is_held = true;
///     const auto until = pinfold::shm::after(std::chrono::milliseconds(1));
///     const pinfold::shm::ConditionWord::Lock lock{nullptr, &is_held, let_go};
///     assert(word.wait(roster, until, lock) == pinfold::shm::Taken::no_time && !is_held);
///     roster.close();
///
/// Deaths. A waiter may take a ring with it until it has looked, so its burial wakes all others.
/// Whoever dies inside of a ring has rung: its burial does it. So a death is a wake for nothing.
///
/// A word of zeros has no waiters. Thread-safety: all members. Fork: see Roster.
class PINFOLD_API alignas(8) ConditionWord {
  public:
    /// The lock under which a waiter looks.
    struct Lock {
        const void* word = nullptr;       ///< the OwnerWord whose let_go() ends the look
        void* handle = nullptr;           ///< what is handed to let_go
        void (*let_go)(void*) = nullptr;  ///< may throw; then there is no sleep
    };

    /// Sleeps until the next ring, or until `until`; may also wake for nothing, which is a yes as
    /// well. It lets go of the lock once no ring can be missed, or not at all where it returns
    /// no_broken or no_more at once. The caller takes it again, or calls give_up().
    [[nodiscard]] Taken wait(Roster& roster, Until until, const Lock& lock);

    /// The caller could not take the lock again, so it cannot look: others do.
    void give_up(Roster& roster, const Lock& lock);

    /// Wakes up to `most` of those who wait. Returns yes; no_room where the caller is at as many
    /// words as a seat can name; no_more.
    [[nodiscard]] Taken ring(Roster& roster, std::uint32_t most);

    /// All who wait are told that there is nothing to wait for any more.
    void end() noexcept;

  private:
    Doorbell bell_;
    std::atomic<std::uint32_t> has_ended_{0};
};

}  // namespace pinfold::shm
