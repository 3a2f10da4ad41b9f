#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/parties/owner_word.hpp>

namespace pinfold::shm {

/// An OwnerWord that its owner may take again, and lets go of as often.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     void* const memory = arena.allocate(sizeof(pinfold::shm::RecursiveWord));
///     auto& word = *new (memory) pinfold::shm::RecursiveWord;
///     assert(word.take(roster, pinfold::shm::for_ever, false) == pinfold::shm::Taken::yes);
///     assert(word.take(roster, pinfold::shm::for_ever, false) == pinfold::shm::Taken::yes);
///     assert(word.depth(roster) == 2);
///     assert(word.let_go(roster) && word.let_go(roster) && !word.let_go(roster));
///     roster.close();
///
/// Deaths: like OwnerWord. How often a dead owner had it does not matter to the next.
///
/// A word of zeros is nobody's. Thread-safety: all members. Fork: see Roster.
class PINFOLD_API RecursiveWord {
  public:
    /// Like OwnerWord::take(), but never Taken::no_own. An owner who takes it again is told again
    /// that it is abandoned, where it accepts that; else it has it without being told. Returns
    /// no_room where the owner has it 2^32 - 1 times.
    [[nodiscard]] Taken take(Roster& roster, Until until, bool accepts_abandoned);

    /// Ends one take(). Returns false where the caller is not the owner.
    [[nodiscard]] bool let_go(Roster& roster);

    [[nodiscard]] bool make_consistent(Roster& roster) { return word_.make_consistent(roster); }

    /// How often the calling thread has it.
    [[nodiscard]] std::uint32_t depth(Roster& roster) const {
        return word_.is_owner(roster) ? depth_.load(std::memory_order_relaxed) : 0;
    }

    [[nodiscard]] OwnerWord& word() noexcept { return word_; }
    [[nodiscard]] const OwnerWord& word() const noexcept { return word_; }

    void end() noexcept { word_.end(); }

  private:
    OwnerWord word_;
    std::atomic<std::uint32_t> depth_{0};  // the owner's alone
};

}  // namespace pinfold::shm
