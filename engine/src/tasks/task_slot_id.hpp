#pragma once

#include <cstdint>

namespace pinfold::detail {

inline constexpr std::uint32_t no_lane = ~std::uint32_t{0};

/// One use of one slot: the name of a task.
struct TaskSlotId {
    std::uint32_t lane = no_lane;  // 0: the host's; else a worker's number + 1; or none
    std::uint32_t slot = 0;
    std::uint32_t lap = 0;

    friend constexpr bool operator==(const TaskSlotId&, const TaskSlotId&) noexcept = default;
};

}  // namespace pinfold::detail
