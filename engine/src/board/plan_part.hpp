#pragma once

#include <cstdint>
#include <pinfold/engine/chunk_plan.hpp>

namespace pinfold::detail {

/// Some chunks of a plan in a row.
class PlanPart {
  public:
    explicit PlanPart(const ChunkPlan& plan) noexcept : PlanPart(plan, 0, plan.size()) {}
    PlanPart(const ChunkPlan& plan, std::uint64_t first, std::uint64_t size) noexcept
        : plan_(plan), first_(first), size_(size) {}

    /// The plan's number of the part's first chunk.
    [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// The plan that it is a part of.
    [[nodiscard]] const ChunkPlan& whole() const noexcept { return plan_; }

    /// Chunk number `index` of the part.
    [[nodiscard]] Chunk operator[](std::uint64_t index) const noexcept {
        return plan_[first_ + index];
    }

    friend bool operator==(const PlanPart&, const PlanPart&) noexcept = default;

  private:
    ChunkPlan plan_;
    std::uint64_t first_;
    std::uint64_t size_;
};

}  // namespace pinfold::detail
