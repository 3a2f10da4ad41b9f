#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <pinfold/shm/parties/token.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold::shm {

/// Places in shared memory, each of which one thread has or nobody.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     void* const memory = arena.allocate(pinfold::shm::BoundedWord::bytes_for(2));
///     auto& word = pinfold::shm::BoundedWord::make(memory, 2);
///     assert(word.take(roster, pinfold::shm::for_ever) == pinfold::shm::Taken::yes);
///     assert(word.free_places() == 1);
///     assert(word.give_back(roster) && !word.give_back(roster));
///     roster.close();
///
/// Deaths. A burial frees the places that a dead thread had.
///
/// It is made in zeros of bytes_for() that many places. Thread-safety: all members. Fork: see
/// Roster.
///
/// Run time: a thread looks for a free place where it had one before, so mostly at one; at all of
/// them before it sleeps.
class PINFOLD_API alignas(8) BoundedWord {
  public:
    /// The most places that one can have.
    static constexpr std::uint32_t most = 65'535;

    BoundedWord(const BoundedWord&) = delete;
    BoundedWord& operator=(const BoundedWord&) = delete;

    [[nodiscard]] static std::size_t bytes_for(std::uint32_t places) noexcept;

    /// In zeros that nobody else knows yet.
    static BoundedWord& make(void* memory, std::uint32_t places);

    /// Takes a place for the calling thread. Returns yes, no_time, no_broken, no_room or no_more.
    [[nodiscard]] Taken take(Roster& roster, Until until);

    /// Gives back one that the calling thread has. Returns false where it has none. Does nothing
    /// once the word has ended.
    [[nodiscard]] bool give_back(Roster& roster);

    [[nodiscard]] std::uint32_t places() const noexcept { return places_; }

    /// As it was a moment ago.
    [[nodiscard]] std::uint32_t free_places() const noexcept;

    void end() noexcept;

    /// For burials: what a dead thread had is free.
    void release(detail::Token dead) noexcept;

  private:
    explicit BoundedWord(std::uint32_t places) noexcept : places_(places) {}

    using Place = std::atomic<detail::Token>;

    [[nodiscard]] Place& place(std::uint32_t number) const noexcept;
    /// Of the place, at or behind where the seat looks first, whose token that is; or nullptr.
    [[nodiscard]] Place* find(detail::Token wanted, detail::Token mine) const noexcept;
    [[nodiscard]] Taken try_to_take(detail::Token mine) noexcept;

    Doorbell bell_;
    const std::uint32_t places_;  // behind the object
    std::atomic<std::uint32_t> has_ended_{0};
};

}  // namespace pinfold::shm
