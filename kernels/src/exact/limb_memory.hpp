#pragma once

#include <cstddef>
#include <memory>
#include <pinfold/kernels/stepwise.hpp>
#include <span>

namespace pinfold::kernels {

/// Limbs of the heap, not cleared. Throws std::bad_alloc when there is no memory.
///
/// A thread keeps the last block for its next one, if that has at most 64 MiB: a task follows upon
/// a task of the same size, and the system's time to find pages anew is a tenth of a product's.
class LimbMemory {
  public:
    explicit LimbMemory(std::size_t limbs);
    ~LimbMemory();
    LimbMemory(LimbMemory&&) noexcept = default;
    LimbMemory& operator=(LimbMemory&&) = delete;

    [[nodiscard]] std::span<Limb> span() const noexcept { return {block_.limbs.get(), wanted_}; }

    struct Block {
        std::unique_ptr<Limb[]> limbs;
        std::size_t size = 0;
    };

  private:
    Block block_;
    std::size_t wanted_;
};

/// Hands out memory piece by piece.
class LimbStack {
  public:
    explicit LimbStack(std::span<Limb> memory) noexcept : rest_(memory) {}

    [[nodiscard]] std::span<Limb> take(std::size_t limbs) noexcept {
        const std::span<Limb> piece = rest_.first(limbs);
        rest_ = rest_.subspan(limbs);
        return piece;
    }
    [[nodiscard]] std::span<Limb> rest() const noexcept { return rest_; }

  private:
    std::span<Limb> rest_;
};

}  // namespace pinfold::kernels
