#pragma once

#include <chrono>
#include <optional>
#include <semaphore>
#include <stop_token>

namespace pinfold {

class Pool;

namespace detail {

/// A keyed job holds a board while it waits for a second one, for a merge. So that such jobs never
/// have all boards, and wait for each other, no more than so many of a pool go on at a time.
inline constexpr std::ptrdiff_t most_keyed_jobs = 32;

using KeyedTurns = std::counting_semaphore<most_keyed_jobs>;

/// Those of a pool; nullptr where the caller runs its jobs alone, without boards that others want.
[[nodiscard]] KeyedTurns* keyed_turns_of(const Pool& pool);

/// A keyed job's turn, from its begin to its end.
class KeyedTurn {
  public:
    /// Waits for it, until `stop` asks for an end or the deadline is over; zero is no deadline. The
    /// job that follows then finds that itself.
    KeyedTurn(KeyedTurns* turns, const std::stop_token& stop, std::chrono::nanoseconds deadline);
    ~KeyedTurn();
    KeyedTurn(const KeyedTurn&) = delete;
    KeyedTurn& operator=(const KeyedTurn&) = delete;

  private:
    KeyedTurns* held_ = nullptr;
};

}  // namespace detail
}  // namespace pinfold
