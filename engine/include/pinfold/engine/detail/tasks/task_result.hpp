#pragma once

// The result of a task: its bytes, or a message. Not for users.

#include <cstddef>
#include <cstring>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <type_traits>

namespace pinfold::detail {

/// A result as a worker wrote it, by its bytes or as a message; see write_task_result().
template <typename R>
[[nodiscard]] R read_task_result(const ResultSlot& slot) {
    if constexpr (std::is_trivially_copyable_v<R>) {
        struct Bytes {
            alignas(R) std::byte bytes[sizeof(R)];
        };
        Bytes copy;
        std::memcpy(copy.bytes, slot.content().data(), sizeof(R));
        return __builtin_bit_cast(R, copy);
    } else {
        return read_result<R>(slot);
    }
}

/// Writes a result into its slot, or into one exact block.
template <typename R>
void write_task_result(ResultSlot& slot, const R& value, ResultBlocks& blocks) {
    if constexpr (std::is_trivially_copyable_v<R>) {
        std::byte* to = slot.here;
        if constexpr (sizeof(R) > ResultSlot::room) {
            slot.block = blocks.take(sizeof(R));
            to = slot.block;
        }
        std::memcpy(to, std::addressof(value), sizeof(R));
        slot.bytes = sizeof(R);
    } else {
        write_result(slot, value, blocks);
    }
}

}  // namespace pinfold::detail
