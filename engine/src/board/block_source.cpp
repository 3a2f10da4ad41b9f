#include "board/block_source.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#include "nodes/page_placer.hpp"

namespace pinfold::detail {

void* ArenaBlocks::take_spread(std::size_t bytes, std::size_t alignment) {
    return placer_ == nullptr ? arena_->allocate(bytes, alignment)
                              : arena_->allocate(bytes, alignment, placer_->pages_for({}));
}

void* HeapBlocks::take(std::size_t bytes, std::size_t alignment) {
    return std::memset(take_unset(bytes, alignment), 0, bytes);
}

void* HeapBlocks::take_unset(std::size_t bytes, std::size_t alignment) {
    // The size is to be a multiple of the alignment, and its rounding must not wrap.
    const std::size_t units = bytes / alignment + (bytes % alignment != 0 || bytes == 0 ? 1 : 0);
    if (units > static_cast<std::size_t>(-1) / alignment) {
        throw std::bad_alloc();
    }
    void* const block = std::aligned_alloc(alignment, units * alignment);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return block;
}

void HeapBlocks::give_back(void* block) noexcept {
    std::free(block);
}

}  // namespace pinfold::detail
