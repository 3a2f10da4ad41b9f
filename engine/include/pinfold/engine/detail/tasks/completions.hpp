#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/tasks/future_state.hpp>
#include <vector>

namespace pinfold::detail {

/// Waits for many futures, within one time. Not for users.
///
/// Thread-safety: none. It looks at all that are not done whenever it has none in hand that is:
/// one look costs some ns for each.
class PINFOLD_API Completions {
  public:
    /// `time` as FutureState::wait_for() has it; it counts from here.
    explicit Completions(std::chrono::nanoseconds time);

    void add(std::shared_ptr<FutureState> state);

    /// The number, in the order of add(), of one that is done and was not returned before; how many
    /// there are when all were returned. Throws Timeout.
    [[nodiscard]] std::size_t next();

    /// Waits until all are done, or `for_one` is, or `for_failure` one has failed; or the time is
    /// over.
    void wait(bool for_one, bool for_failure);

  private:
    [[nodiscard]] std::chrono::nanoseconds left() const;
    void look();
    /// Whether there is one in hand; false: the time is over, or none is left.
    [[nodiscard]] bool find();

    std::chrono::steady_clock::time_point began_;
    std::chrono::nanoseconds time_;
    std::vector<std::shared_ptr<FutureState>> states_;
    std::vector<std::size_t> pending_;  // numbers, ascending
    std::vector<std::size_t> in_hand_;  // done and not returned; the next one is the last
};

/// What a call gives that a static_assert has refused, for a loop to go over.
struct NoFutures {
    [[nodiscard]] const int* begin() const noexcept { return nullptr; }
    [[nodiscard]] const int* end() const noexcept { return nullptr; }
};

}  // namespace pinfold::detail
