#pragma once

#include <cstddef>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <utility>

namespace pinfold::shm {

namespace detail {

// Who owns the elements of an array: every copy of that array. It points at a count in the arena,
// and at nothing private to a process, so the bytes of an array mean the same in all of them.
class PINFOLD_API ArrayOwner {
  public:
    ArrayOwner() = default;
    ~ArrayOwner() {
        if (count_ != nullptr) {
            leave();
        }
    }
    ArrayOwner(const ArrayOwner& other) noexcept : count_(other.count_) {
        if (count_ != nullptr) {
            join();
        }
    }
    ArrayOwner(ArrayOwner&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    ArrayOwner& operator=(ArrayOwner other) noexcept {
        std::swap(count_, other.count_);
        return *this;
    }

    // The first owner of a new block of zeros. Checks and throws in the library, so that a source
    // without exceptions may include this header.
    [[nodiscard]] void* allocate_elements(std::shared_ptr<Arena> arena, std::size_t size,
                                          std::size_t alignment, const ElementType& type,
                                          const BlockPages& pages);

    // The first owner of a block of Arena::allocate_room(), which it gives back when it throws.
    void adopt(std::shared_ptr<Arena> arena, void* elements, std::size_t bytes,
               const ElementType& type);

  private:
    struct Count;

    void begin_count(std::shared_ptr<Arena> arena, void* elements);

    void join() noexcept;
    void leave() noexcept;

    Count* count_ = nullptr;
};

}  // namespace detail

template <Shareable T>
class GrowingArray;

/// A fixed number of elements of type T in an Arena, zeros at first. T is aligned to at most 4096
/// bytes.
///
///     const auto arena =
///         std::make_shared<pinfold::shm::Arena>(pinfold::shm::ArenaOptions{.bytes = 1 << 20});
///     pinfold::shm::Array<double> values(arena, 1000);
///     const pinfold::shm::Array<double> same = values;  // the same elements
///     values[999] = 0.5;
///     assert(values[0] == 0 && same.span().back() == 0.5);
///
/// Copies share the elements, as copies of a pointer do: a map may capture an array by value, and
/// what it writes is seen by all. Pool::array(array) makes an array of its own from another's
/// elements. The memory is given back, and the arena let go, with the last copy. One that was moved
/// from is empty, as one that was made from nothing.
///
/// Only copies in the process that made the arena count. A copy in a child is a view: it is valid
/// while the maker holds a copy, and neither its end nor the child's death changes anything.
///
/// map_reduce() and the like take it as it is. Thread-safety: elements, those of a plain array; one
/// Array object, that of a std::shared_ptr: several threads may copy it, and end their copies.
/// Cost: a copy, some 0.1 µs.
template <Shareable T>
class Array {
    static_assert(alignof(T) <= largest_alignment,
                  "the elements of an array are aligned to at most 4096 bytes");

  public:
    Array() = default;

    /// Throws std::system_error like Arena::allocate(), and std::bad_array_new_length for more
    /// elements than a size in bytes can count. `pages` is as of Arena::allocate().
    Array(const std::shared_ptr<Arena>& arena, std::size_t size, const BlockPages& pages = {})
        : size_(size) {
        data_ = static_cast<T*>(
            owner_.allocate_elements(arena, size, alignment, {sizeof(T), same_value<T>()}, pages));
    }

    ~Array() = default;
    Array(const Array&) noexcept = default;
    Array(Array&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          owner_(std::move(other.owner_)) {}
    Array& operator=(Array other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(owner_, other.owner_);
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
    friend class GrowingArray<T>;
    static constexpr std::size_t alignment = alignof(T) > 64 ? alignof(T) : 64;

    // Of elements that lie in a block of Arena::allocate_room().
    Array(std::shared_ptr<Arena> arena, T* elements, std::size_t size)
        : data_(elements), size_(size) {
        owner_.adopt(std::move(arena), elements, size * sizeof(T), {sizeof(T), same_value<T>()});
    }

    T* data_ = nullptr;
    std::size_t size_ = 0;
    detail::ArrayOwner owner_;
};

template <Shareable T>
inline constexpr bool is_shared_handle<Array<T>> = true;

}  // namespace pinfold::shm
