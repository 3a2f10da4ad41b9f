#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/engine/shared/mutex.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <span>

namespace pinfold {

/// An array that comes with its lock: Python's multiprocessing.Array. The elements are as those of
/// an Array, and nothing takes the lock by itself.
///
///     pinfold::Pool pool;
///     const pinfold::LockedArray<int> histogram(pool, 10);
///     pinfold::for_each_chunk(pool, pinfold::Range{0, 1000},
///                             [histogram](const pinfold::Chunk& chunk) {
///                                 const std::lock_guard guard(histogram);
///                                 for (auto i = chunk.begin; i < chunk.end; ++i) {
///                                     ++histogram[i % 10];
///                                 }
///                             });
///     assert(histogram[9] == 100);
///
/// It is itself a lock, as Mutex is, with all that is said there of deaths: the elements may be
/// half changed then. A map or a task may run twice after a death, and change them twice: see
/// docs/shared_objects.md. It is a handle: copies have the same elements and the same lock.
template <shm::Shareable T>
class LockedArray {
  public:
    /// Zeros. Throws like Pool::array() and Mutex.
    LockedArray(const Space& space, std::size_t size)
        : mutex_(space), elements_(space.arena(), size) {}

    /// See Mutex.
    void lock() const { mutex_.lock(); }
    [[nodiscard]] bool try_lock() const { return mutex_.try_lock(); }
    void unlock() const { mutex_.unlock(); }

    /// The lock, for all its members.
    [[nodiscard]] const Mutex& mutex() const noexcept { return mutex_; }

    [[nodiscard]] T* data() const noexcept { return elements_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return elements_.size(); }
    [[nodiscard]] bool empty() const noexcept { return elements_.empty(); }
    [[nodiscard]] T* begin() const noexcept { return elements_.begin(); }
    [[nodiscard]] T* end() const noexcept { return elements_.end(); }
    [[nodiscard]] T& operator[](std::size_t i) const noexcept { return elements_[i]; }
    [[nodiscard]] std::span<T> span() const noexcept { return elements_.span(); }

  private:
    Mutex mutex_;
    shm::Array<T> elements_;
};

template <typename T>
inline constexpr bool shm::is_shared_handle<LockedArray<T>> = true;

}  // namespace pinfold
