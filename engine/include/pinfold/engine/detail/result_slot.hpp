#pragma once

// A result of any size: a slot of fixed size on the board, and a block of memory behind it where
// the slot has no room. Not for users.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/row_step.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <span>
#include <type_traits>

namespace pinfold::detail {

// Where a worker takes memory for results that its slots have no room for.
//
// From take() to give_over() the worker holds a block: it goes back when the worker dies or calls
// drop(). Between the two the worker commits the chunk whose slot names the block. So a death
// before the commit frees the block, and after it the job has it.
class PINFOLD_API ResultBlocks {
  public:
    ResultBlocks(const ResultBlocks&) = delete;
    ResultBlocks& operator=(const ResultBlocks&) = delete;

    /// A block of at least one byte, aligned to 16. Its content is unspecified. Throws
    /// shm::HeapFull, or std::bad_alloc where the caller is no worker.
    [[nodiscard]] virtual std::byte* take(std::size_t bytes) = 0;

    /// What was taken is the job's: after the commit, and before the next chunk is named.
    virtual void give_over() noexcept = 0;

    /// Frees what was taken: nothing was committed, nor will be.
    virtual void drop() noexcept = 0;

  protected:
    ResultBlocks() = default;
    ~ResultBlocks() = default;
};

/// A result as it lies on the board. What is short lies in the slot, and costs no block.
struct alignas(64) ResultSlot {
    static constexpr std::size_t room = 56;

    std::uint64_t bytes;
    union {
        std::byte here[room];
        std::byte* block;
    };

    [[nodiscard]] bool has_block() const noexcept { return bytes > room; }
    [[nodiscard]] std::span<const std::byte> content() const noexcept {
        return {has_block() ? block : here, static_cast<std::size_t>(bytes)};
    }
};
static_assert(sizeof(ResultSlot) == 64 && std::is_trivially_copyable_v<ResultSlot>);

/// A result that is no plain bytes, and crosses as a message.
template <typename R>
concept IsMessage = !std::is_trivially_copyable_v<R> && shm::CrossingOf<R>::is_there;

/// Throws std::logic_error: what was written again took another number of bytes.
[[noreturn]] PINFOLD_API void refuse_other_size(const char* what);

/// Writes a result into its slot, or into one exact block. A short one is written once, a long one
/// a second time, when its size is known.
template <typename R>
void write_result(ResultSlot& slot, const R& value, ResultBlocks& blocks) {
    using Crossing = shm::CrossingOf<R>;
    const std::size_t bytes = Crossing::write(value, slot.here);
    if (bytes > ResultSlot::room) {
        std::byte* const block = blocks.take(bytes);
        reached_in_row(RowStep::block_taken);
        if (Crossing::write(value, std::span<std::byte>(block, bytes)) != bytes) {
            refuse_other_size("the result");
        }
        slot.block = block;
    }
    slot.bytes = bytes;
}

/// The result that a worker wrote. Throws shm::BadMessage where it is none of this type.
template <typename R>
[[nodiscard]] R read_result(const ResultSlot& slot) {
    return shm::CrossingOf<R>::read(slot.content());
}

/// Whether two results are the same, as a rehearsal asks.
using SameMessage = bool (*)(const ResultSlot& a, const ResultSlot& b);

template <typename R>
[[nodiscard]] bool are_same_messages(const ResultSlot& a, const ResultSlot& b) {
    return shm::CrossingOf<R>::are_same(a.content(), b.content());  // but for padding
}

}  // namespace pinfold::detail
