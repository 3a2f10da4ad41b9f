#include <cstdlib>
#include <numeric>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/shm/arena.hpp>
#include <utility>

namespace pinfold::detail {

std::size_t KeyedBlocks::bytes() const noexcept {
    return std::accumulate(blocks_.begin(), blocks_.end(), std::size_t{0},
                           [](std::size_t sum, const Block& block) { return sum + block.bytes; });
}

void KeyedBlocks::replace(std::size_t i, Block block) noexcept {
    free(std::exchange(blocks_[i], block));
}

void KeyedBlocks::clear() noexcept {
    for (const Block& block : blocks_) {
        free(block);
    }
    blocks_.clear();
}

// A job that its caller runs alone has the blocks from malloc(); see WorkerBlocks.
void KeyedBlocks::free(const Block& block) const noexcept {
    if (block.data == nullptr) {
        return;
    }
    auto* const data = const_cast<std::byte*>(block.data);
    if (arena_->contains(data)) {
        arena_->deallocate(data);
    } else {
        std::free(data);
    }
}

}  // namespace pinfold::detail
