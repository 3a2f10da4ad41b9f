#pragma once

// Memory of a worker's own for the table of its present chunk. Not for users.

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <string_view>
#include <vector>

namespace pinfold::detail {

/// Bytes of which there may be more at any time. What they hold is unspecified.
///
///     pinfold::detail::KeyedBuffer buffer;
///     buffer.grow(0, 1000);
///     assert(buffer.data() != nullptr && buffer.bytes() >= 1000);
class PINFOLD_API KeyedBuffer {
  public:
    [[nodiscard]] std::byte* data() const noexcept { return bytes_.get(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return size_; }

    /// Makes room for `needed` at least, and keeps the first `used`. Throws std::bad_alloc.
    void grow(std::size_t used, std::size_t needed);

    /// Appends behind the first `used`.
    template <typename T>
    void append(std::size_t used, const T& value) {
        if ((used + 1) * sizeof(T) > size_) [[unlikely]] {
            grow(used * sizeof(T), (used + 1) * sizeof(T) + least);
        }
        std::memcpy(bytes_.get() + used * sizeof(T), &value, sizeof(T));
    }
    template <typename T>
    [[nodiscard]] T* as() const noexcept {
        return reinterpret_cast<T*>(bytes_.get());
    }

  private:
    static constexpr std::size_t least = 4096;

    struct Free {
        void operator()(std::byte* memory) const noexcept;
    };

    std::unique_ptr<std::byte, Free> bytes_;
    std::size_t size_ = 0;
};

/// Copies of keys that stay where they are until all are dropped.
///
///     pinfold::detail::KeyCopies copies;
///     const std::string_view kept = copies.add("a key of more than fifteen characters");
///     assert(kept.size() == 37);
class PINFOLD_API KeyCopies {
  public:
    /// Throws std::bad_alloc.
    [[nodiscard]] std::string_view add(std::string_view text);
    void clear() noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    char* free_ = nullptr;
    std::size_t left_ = 0;
    std::size_t bytes_ = 0;  // of all blocks
};

struct KeyedMemory {
    using Dealt = std::array<KeyedBuffer, partitions>;

    KeyedBuffer rows;
    KeyedBuffer slots;
    KeyedBuffer values;   // of groups
    KeyedBuffer members;  // the row of each value
    KeyedBuffer places;   // of each row
    Dealt dealt;          // rows that were not combined
    KeyCopies copies;
    std::size_t chunk_slots = 0;  // of the last chunk's index
};

/// The memory that the thread's last table left, so that it is warm and large enough.
///
///     const pinfold::detail::KeptMemory memory;
///     assert(memory->copies.bytes() == 0);
class PINFOLD_API KeptMemory {
  public:
    /// Throws std::bad_alloc.
    KeptMemory();
    ~KeptMemory();
    KeptMemory(const KeptMemory&) = delete;
    KeptMemory& operator=(const KeptMemory&) = delete;

    [[nodiscard]] KeyedMemory* operator->() const noexcept { return memory_.get(); }
    [[nodiscard]] KeyedMemory& operator*() const noexcept { return *memory_; }

  private:
    std::unique_ptr<KeyedMemory> memory_;
};

}  // namespace pinfold::detail
