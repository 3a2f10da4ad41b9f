#pragma once

#include <cstddef>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <utility>

namespace pinfold::shm {

namespace detail {

// Checks and throws in the library, so that a source without exceptions may include this header.
PINFOLD_API void* allocate_elements(Arena& arena, std::size_t size, std::size_t element_bytes,
                                    std::size_t alignment);

}  // namespace detail

/// A fixed number of elements of type T in an Arena, zeros at first. T is aligned to at most 4096
/// bytes.
///
///     const auto arena =
///         std::make_shared<pinfold::shm::Arena>(pinfold::shm::ArenaOptions{.bytes = 1 << 20});
///     pinfold::shm::Array<double> values(arena, 1000);
///     values[999] = 0.5;
///     assert(values[0] == 0 && values.span().back() == 0.5);
///
/// It owns its memory and keeps the arena alive. Move-only. map_reduce() and transform() take it as
/// it is; a job that is shared with workers holds its span(). Thread-safety: that of a plain array.
template <Shareable T>
class Array {
    static_assert(alignof(T) <= largest_alignment,
                  "the elements of an array are aligned to at most 4096 bytes");

  public:
    Array() = default;

    /// Throws std::system_error like Arena::allocate(), and std::bad_array_new_length for more
    /// elements than a size in bytes can count.
    Array(std::shared_ptr<Arena> arena, std::size_t size) : arena_(std::move(arena)), size_(size) {
        data_ = static_cast<T*>(detail::allocate_elements(*arena_, size, sizeof(T), alignment));
    }

    ~Array() { release(); }
    Array(Array&& other) noexcept
        : arena_(std::move(other.arena_)),
          data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)) {}
    Array& operator=(Array&& other) noexcept {
        if (this != &other) {
            release();
            arena_ = std::move(other.arena_);
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
        }
        return *this;
    }

    [[nodiscard]] T* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* begin() const noexcept { return data_; }
    [[nodiscard]] T* end() const noexcept { return data_ + size_; }
    [[nodiscard]] T& operator[](std::size_t i) const noexcept { return data_[i]; }
    [[nodiscard]] std::span<T> span() const noexcept { return {data_, size_}; }

  private:
    static constexpr std::size_t alignment = alignof(T) > 64 ? alignof(T) : 64;

    void release() noexcept {
        if (arena_) {
            arena_->deallocate(data_);
        }
    }

    std::shared_ptr<Arena> arena_;
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace pinfold::shm
