#include "board/block_source.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "board/board.hpp"

namespace pinfold::detail {

void* HeapBlocks::take(std::size_t bytes) {
    const std::size_t lines = std::max<std::size_t>(1, (bytes + cache_line - 1) / cache_line);
    void* const block = std::aligned_alloc(cache_line, lines * cache_line);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return std::memset(block, 0, lines * cache_line);
}

void HeapBlocks::give_back(void* block) noexcept {
    std::free(block);
}

}  // namespace pinfold::detail
