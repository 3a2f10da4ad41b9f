#pragma once

// Where a worker's map puts what it gathers of one chunk. Not for users.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/shm/same_value.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <utility>

namespace pinfold::detail {

/// Memory of a worker's own, which grows. It is handed on from chunk to chunk, so that it is warm
/// and large enough.
///
///     pinfold::detail::GatherMemory memory;
///     memory.grow(0, 100);
///     assert(memory.data() != nullptr && memory.bytes() >= 100);
class PINFOLD_API GatherMemory {
  public:
    /// Takes what the thread's last one left.
    GatherMemory() noexcept
        : memory_(std::exchange(kept().memory_, nullptr)),
          bytes_(std::exchange(kept().bytes_, 0)) {}
    ~GatherMemory() {
        if (bytes_ <= most_kept && kept().memory_ == nullptr) {
            kept().memory_ = memory_;
            kept().bytes_ = bytes_;
        } else {
            free(memory_);
        }
    }
    GatherMemory(const GatherMemory&) = delete;
    GatherMemory& operator=(const GatherMemory&) = delete;

    [[nodiscard]] std::byte* data() const noexcept { return memory_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    /// Makes room for `needed`, and keeps the first `used`. Throws std::bad_alloc.
    void grow(std::size_t used, std::size_t needed) {
        const std::size_t wanted = needed + needed / 2 + least;
        auto* const larger = static_cast<std::byte*>(::operator new(wanted, alignment));
        if (used != 0) {
            std::memcpy(larger, memory_, used);
        }
        free(std::exchange(memory_, larger));
        bytes_ = wanted;
    }

  private:
    // A worker keeps no more between two jobs.
    static constexpr std::size_t most_kept = std::size_t{4} << 20;
    static constexpr std::size_t least = 4096;
    static constexpr std::align_val_t alignment{64};

    struct Kept {
        ~Kept() { free(memory_); }
        std::byte* memory_ = nullptr;
        std::size_t bytes_ = 0;
    };
    static Kept& kept() noexcept {
        thread_local Kept of_this_thread;
        return of_this_thread;
    }
    static void free(std::byte* memory) noexcept { ::operator delete(memory, alignment); }

    std::byte* memory_;
    std::size_t bytes_;
};

/// What a chunk's map has gathered, as its worker has it.
struct GatheredPart {
    const void* data;
    std::size_t bytes;
};

/// Puts it into the chunk's slot, or into one exact block.
inline void write_part(ResultSlot& slot, const GatheredPart& part, ResultBlocks& blocks) {
    slot.bytes = part.bytes;
    if (part.bytes > ResultSlot::room) {
        std::byte* const block = blocks.take(part.bytes);
        reached_in_row(RowStep::block_taken);
        std::memcpy(block, part.data, part.bytes);
        slot.block = block;
    } else if (part.bytes != 0) {
        std::memcpy(slot.here, part.data, part.bytes);
    }
}

/// Whether two parts have the same elements, but for padding.
template <shm::Shareable T>
bool are_same_parts(const ResultSlot& a, const ResultSlot& b) {
    constexpr shm::SameValue same = shm::same_value<T>();
    if (a.bytes != b.bytes) {
        return false;
    }
    for (std::size_t at = 0; at < a.bytes; at += sizeof(T)) {
        alignas(T) std::byte one[sizeof(T)];
        alignas(T) std::byte other[sizeof(T)];
        std::memcpy(one, a.content().data() + at, sizeof(T));
        std::memcpy(other, b.content().data() + at, sizeof(T));
        if (std::memcmp(one, other, sizeof(T)) != 0 && (same == nullptr || !same(one, other))) {
            return false;
        }
    }
    return true;
}

}  // namespace pinfold::detail
