#pragma once

#include <cstddef>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/arena.hpp>

namespace pinfold {

namespace detail {
class SpaceCore;
}  // namespace detail

/// What a Shared is made with.
struct SharedOptions {
    /// Address space for its objects. 0 takes as much as the machine has memory. Only what is used
    /// takes memory.
    std::size_t bytes = 0;

    /// How many Processes can live at a time, at most most_processes.
    int processes = 128;

    /// How many threads, of all processes, can use its objects at a time, at most most_seats. 0
    /// takes 1000 more than `processes`.
    int seats = 0;
};

/// A place for shared objects and Processes that needs no workers: what a Pool is to them, alone.
///
///     pinfold::Shared shared;
///     const pinfold::Mutex mutex(shared);
///     pinfold::Process process(shared, [&] { const std::lock_guard guard(mutex); });
///     process.join();
///     assert(process.exit_code() == 0);
///
/// Objects and Processes of one Shared, or one Pool, know each other. Those of another one they
/// refuse to use, by std::logic_error.
///
/// Lifetime: objects and Processes may outlive it; its memory goes with the last of them.
/// Thread-safety: all members but moves. Fork: a child that the program forks makes no objects or
/// Processes of it. Cost: that of an arena, and a thread of its own from its first Process on.
class PINFOLD_API Shared {
  public:
    /// Throws std::system_error where the address space or the memory ends; std::invalid_argument
    /// for options that are out of their range.
    explicit Shared(SharedOptions options = {});

    /// The memory of its objects. Throws std::logic_error for one that was moved from.
    [[nodiscard]] const std::shared_ptr<shm::Arena>& arena() const;

    /// For Space.
    [[nodiscard]] detail::SpaceCore& core() const;

  private:
    std::shared_ptr<detail::SpaceCore> core_;
};

}  // namespace pinfold
