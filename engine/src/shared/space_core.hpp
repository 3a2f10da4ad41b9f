#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/parties/known_memory.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <vector>

#include "keeper/keeper.hpp"
#include "shared/space_limits.hpp"

namespace pinfold::detail {

/// What shared objects live in: memory, and a roster of who uses them. It is made before any
/// process of it is forked, so that all find it at one place. It lasts as long as its pool, and as
/// any object.
///
/// Thread-safety: all members. Fork: only the process that made it makes and ends objects.
class SpaceCore : public std::enable_shared_from_this<SpaceCore> {
  public:
    /// In an arena of space_arena(). Throws std::system_error where there is no address space.
    SpaceCore(std::shared_ptr<shm::Arena> arena, const SpaceLimits& limits);
    ~SpaceCore();
    SpaceCore(const SpaceCore&) = delete;
    SpaceCore& operator=(const SpaceCore&) = delete;

    [[nodiscard]] shm::Roster& roster() const noexcept { return *roster_; }
    [[nodiscard]] const std::shared_ptr<shm::Arena>& arena() const noexcept { return arena_; }

    /// Throws std::logic_error in a process that did not make it.
    void check_owner() const;

    /// Whose end, before forget_supervisor(), breaks the space: then nobody buries its workers.
    void set_supervisor(Supervised supervised);
    void forget_supervisor() noexcept;

    /// Forks a Process. Throws std::logic_error in a process that did not make the space,
    /// PoolBroken where that is broken, and what Keeper throws.
    void give_birth(const Birth& birth);

    /// A block of zeros. Throws like Arena::allocate().
    [[nodiscard]] void* allocate(std::size_t bytes);

    /// A block of an object that has ended, and what is to be done before it is given back.
    struct Leaving {
        void* block = nullptr;
        std::size_t bytes = 0;
        void* words = nullptr;
        void (*clear)(void* words, shm::Heap& heap) = nullptr;
    };

    /// Gives a block back, at once or when no thread is at one of its words any more.
    void deallocate(const Leaving& object) noexcept;

  private:
    [[nodiscard]] bool try_to_free(const Leaving& object) noexcept;

    void free_what_was_left() noexcept;
    Keeper& keeper();

    const shm::ProcessMark maker_ = shm::mark_of_this_process();
    const std::shared_ptr<shm::Arena> arena_;
    void* memory_ = nullptr;
    std::size_t memory_bytes_ = 0;
    std::optional<shm::KnownMemory> known_;
    shm::Roster* roster_ = nullptr;
    const SpaceLimits limits_;
    Supervised supervised_;
    std::unique_ptr<Keeper> keeper_;  // from the first use on
    std::mutex mutex_;
    std::vector<Leaving> leaving_;
};

}  // namespace pinfold::detail
