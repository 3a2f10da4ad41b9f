#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold::shm {

/// A word in shared memory that is set or not, and that threads wait for to be set.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     auto& word = *new (arena.allocate(sizeof(pinfold::shm::EventWord))) pinfold::shm::EventWord;
///     assert(word.set(roster) == pinfold::shm::Taken::yes && word.is_set());
///     assert(word.wait(roster, pinfold::shm::for_ever) == pinfold::shm::Taken::yes);
///     roster.close();
///
/// Whoever waits when it is set returns, also where it is cleared before it could look. Deaths:
/// whoever dies inside of set() either did not set it, or its burial wakes those who wait.
///
/// A word of zeros is not set. Thread-safety: all members. Fork: see Roster.
class PINFOLD_API alignas(8) EventWord {
  public:
    /// Each returns yes; set() no_room where the caller is at as many words as a seat can name; and
    /// no_more.
    [[nodiscard]] Taken set(Roster& roster);
    [[nodiscard]] Taken clear(Roster& roster);

    /// Waits for set(). Returns yes, no_time, no_broken or no_more.
    [[nodiscard]] Taken wait(Roster& roster, Until until);

    [[nodiscard]] bool is_set() const noexcept {
        return (state_.load(std::memory_order_acquire) & set_bit) != 0;
    }

    void end() noexcept;

  private:
    static constexpr std::uint32_t set_bit = 1;
    static constexpr std::uint32_t ended = 1U << 31;
    static constexpr std::uint32_t counts = ~(set_bit | ended);  // how often it was set

    Doorbell bell_;
    std::atomic<std::uint32_t> state_{0};
};

}  // namespace pinfold::shm
