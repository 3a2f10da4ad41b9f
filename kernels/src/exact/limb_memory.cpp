#include "exact/limb_memory.hpp"

#include <utility>

namespace pinfold::kernels {
namespace {

constexpr std::size_t most_kept_bytes = std::size_t{64} << 20;

thread_local LimbMemory::Block kept;

}  // namespace

LimbMemory::LimbMemory(std::size_t limbs) : wanted_(limbs) {
    block_ = std::exchange(kept, {});
    if (block_.size < limbs) {
        block_ = {};  // before the new one, so that both are never there at once
        block_ = {std::make_unique_for_overwrite<Limb[]>(limbs), limbs};
    }
}

LimbMemory::~LimbMemory() {
    if (block_.size > kept.size && block_.size * sizeof(Limb) <= most_kept_bytes) {
        kept = std::move(block_);
    }
}

}  // namespace pinfold::kernels
