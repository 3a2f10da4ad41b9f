#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold::shm {

/// A number in shared memory that threads raise, and lower while it is not 0: signals.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     void* const memory = arena.allocate(sizeof(pinfold::shm::SemaphoreWord));
///     auto& word = *new (memory) pinfold::shm::SemaphoreWord;
///     assert(word.raise(roster, 2) == pinfold::shm::SemaphoreWord::Raised::yes);
///     assert(word.lower(roster, pinfold::shm::for_ever) == pinfold::shm::Taken::yes);
///     assert(word.value() == 1);
///     roster.close();
///
/// Deaths. Nobody has a signal, so a death gives none back: what a dead thread took is gone, what
/// it gave is there, and its burial wakes those who wait for that.
///
/// A word of zeros is 0. Thread-safety: all members. Fork: see Roster.
class PINFOLD_API alignas(8) SemaphoreWord {
  public:
    static constexpr std::uint32_t most = (1U << 31) - 1;

    enum class Raised : std::uint8_t {
        yes,
        no_more,   ///< the word has ended
        no_room,   ///< the caller is at as many words as a seat can name
        too_high,  ///< it would be more than `most`: nothing changed
    };

    SemaphoreWord() = default;
    explicit SemaphoreWord(std::uint32_t first) noexcept : count_(first) {}

    /// Lowers it by one. Returns yes, no_time, no_broken or no_more.
    [[nodiscard]] Taken lower(Roster& roster, Until until);

    /// Raises it, in one step.
    [[nodiscard]] Raised raise(Roster& roster, std::uint32_t by);

    /// As it was a moment ago.
    [[nodiscard]] std::uint32_t value() const noexcept {
        const std::uint32_t seen = count_.load(std::memory_order_relaxed);
        return seen == ended ? 0 : seen;
    }

    void end() noexcept;

  private:
    static constexpr std::uint32_t ended = 1U << 31;

    [[nodiscard]] Taken try_to_lower() noexcept;

    Doorbell bell_;
    std::atomic<std::uint32_t> count_{0};
};

}  // namespace pinfold::shm
