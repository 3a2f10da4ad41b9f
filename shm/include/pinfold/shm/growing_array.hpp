#pragma once

#include <cstddef>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/same_value.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <utility>

namespace pinfold::shm {

namespace detail {

// Bytes in an arena, of which there may be more at any time. Checks and throws in the library.
class PINFOLD_API GrowingBytes {
  public:
    GrowingBytes(std::shared_ptr<Arena> arena, std::size_t alignment)
        : arena_(std::move(arena)), alignment_(alignment) {}
    ~GrowingBytes();
    GrowingBytes(GrowingBytes&& other) noexcept;
    GrowingBytes& operator=(GrowingBytes&&) = delete;

    // Room for more bytes at the end, in memory; they count once they are appended.
    [[nodiscard]] std::byte* make_room(std::size_t bytes) {
        if (present_ - size_ < bytes) {
            grow(bytes);
        }
        return room_.data + size_;
    }
    void append(const void* data, std::size_t bytes);

    // Takes address space for so many bytes in all, before there are any, if there is as much and
    // some MiB more: nothing moves then.
    [[nodiscard]] bool try_reserve(std::size_t bytes);

    // Counts bytes that others wrote into the room.
    void count(std::size_t bytes) noexcept { size_ += bytes; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::byte* data() const noexcept { return room_.data; }
    [[nodiscard]] const std::shared_ptr<Arena>& arena() const noexcept { return arena_; }

    // The block, which is as large as its bytes now and the caller's; nullptr of none.
    [[nodiscard]] std::byte* release() noexcept;

  private:
    void grow(std::size_t bytes);

    std::shared_ptr<Arena> arena_;
    std::size_t alignment_;
    Arena::Room room_;
    std::size_t size_ = 0;
    std::size_t present_ = 0;  // of the room, in memory
};

}  // namespace detail

/// Elements that come one after the other, of which nobody knows how many: they lie in one block of
/// an Arena that grows behind them, and are an Array in the end.
///
///     const auto arena =
///         std::make_shared<pinfold::shm::Arena>(pinfold::shm::ArenaOptions{.bytes = 1 << 24});
///     pinfold::shm::GrowingArray<int> numbers(arena);
///     const int first[] = {1, 2, 3};
///     numbers.append(first);
///     numbers.push_back(4);
///     const pinfold::shm::Array<int> all = numbers.finish();
///     assert(all.size() == 4 && all[3] == 4);
///
/// Memory: what was appended, and up to 16 MiB more while it grows. It grows in place as long as
/// nothing else lies behind it in the arena; then it moves, which copies it.
/// Thread-safety: one thread at a time, in the process that made the arena. Fork: a child must not
/// use it. Cost: that of a copy, and of memory that the system finds and clears.
template <Shareable T>
class GrowingArray {
  public:
    explicit GrowingArray(std::shared_ptr<Arena> arena)
        : bytes_(std::move(arena), alignof(T) > 64 ? alignof(T) : 64) {}

    /// Throw std::system_error (ENOMEM), like Arena::allocate().
    void push_back(const T& element) { append(std::span<const T>(std::addressof(element), 1)); }
    void append(std::span<const T> elements) {
        bytes_.append(elements.data(), elements.size_bytes());
    }

    /// The same of the bytes of elements, which may lie anywhere.
    void append_bytes(std::span<const std::byte> elements) {
        bytes_.append(elements.data(), elements.size());
    }

    /// Takes address space for so many elements in all, before there are any, so that they do not
    /// move while others write them. Returns false where the arena has no such room in a row.
    [[nodiscard]] bool try_reserve(std::size_t elements) {
        return bytes_.try_reserve(elements * sizeof(T));
    }

    /// Brings room for so many more into memory, and returns where it begins. They count once
    /// count() says so. Throws like append().
    T* make_room(std::size_t elements) {
        return reinterpret_cast<T*>(bytes_.make_room(elements * sizeof(T)));
    }
    void count(std::size_t elements) noexcept { bytes_.count(elements * sizeof(T)); }

    /// Elements so far.
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() / sizeof(T); }

    /// All of them, and nothing more: this is empty afterwards. Throws std::system_error where the
    /// arena has no room for the array's count of owners; the elements are lost then.
    [[nodiscard]] Array<T> finish() {
        const std::size_t elements = size();
        if (elements == 0) {
            return Array<T>(bytes_.arena(), 0);
        }
        return Array<T>(bytes_.arena(), reinterpret_cast<T*>(bytes_.release()), elements);
    }

  private:
    detail::GrowingBytes bytes_;
};

}  // namespace pinfold::shm
