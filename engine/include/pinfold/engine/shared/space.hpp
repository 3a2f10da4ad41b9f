#pragma once

#include <memory>
#include <pinfold/api.hpp>

namespace pinfold {

class Pool;
class Shared;

namespace shm {
class Arena;
}  // namespace shm

namespace detail {
class SpaceCore;
}  // namespace detail

/// Where a shared object or a Process is made: in a Pool or a Shared. Constructors take it, so that
/// either is all there is to write.
///
///     const auto use = [](const pinfold::Space& space) {
///         const pinfold::Mutex mutex(space);
///         const std::lock_guard guard(mutex);
///     };
///     pinfold::Pool pool;
///     use(pool);
///     use(pinfold::Shared());
///
/// Lifetime: that of the Pool or Shared. Thread-safety: that of a pointer.
class PINFOLD_API Space {
  public:
    /// Throws std::logic_error for one that was moved from, and in a process that did not make it.
    Space(const Pool& pool);      // NOLINT(google-explicit-constructor): see the class
    Space(const Shared& shared);  // NOLINT(google-explicit-constructor): see the class

    /// The memory that its objects come from.
    [[nodiscard]] std::shared_ptr<shm::Arena> arena() const;

    [[nodiscard]] detail::SpaceCore& core() const noexcept { return *core_; }

  private:
    detail::SpaceCore* core_;
};

}  // namespace pinfold
