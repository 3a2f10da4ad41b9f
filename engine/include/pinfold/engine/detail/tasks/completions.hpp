#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/tasks/future_state.hpp>

namespace pinfold::detail {

class Ends;

/// Waits for many futures, within one time. Not for users.
///
/// Thread-safety: none. Cost: one look at each of them, at the first wait; then, where they are of
/// one pool, each end costs the same however many they are.
class PINFOLD_API Completions {
  public:
    /// `time` as FutureState::wait_for() has it; it counts from here.
    explicit Completions(std::chrono::nanoseconds time);
    ~Completions();
    Completions(Completions&&) noexcept;
    Completions& operator=(Completions&&) noexcept;

    /// Before all else.
    void add(std::shared_ptr<FutureState> state);

    /// The number, in the order of add(), of one that is done and was not returned before; how many
    /// there are when all were returned. Throws Timeout.
    [[nodiscard]] std::size_t next();

    /// Waits until all are done, or `for_one` is, or `for_failure` one has failed; or the time is
    /// over.
    void wait(bool for_one, bool for_failure);

  private:
    [[nodiscard]] std::chrono::nanoseconds left() const;

    std::chrono::steady_clock::time_point began_;
    std::chrono::nanoseconds time_;
    std::unique_ptr<Ends> ends_;
};

/// What a call gives that a static_assert has refused, for a loop to go over.
struct NoFutures {
    [[nodiscard]] const int* begin() const noexcept { return nullptr; }
    [[nodiscard]] const int* end() const noexcept { return nullptr; }
};

}  // namespace pinfold::detail
