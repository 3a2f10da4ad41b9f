#pragma once

#include <array>
#include <cstdint>

#include "sieve/large/large_steps.hpp"

namespace pinfold::kernels {

/// A LargeStep in 32 bits, so that one look-up brings all of it to a lane of a vector.
struct PackedStep {
    static constexpr int gap_at = 3;
    static constexpr int carry_at = 7;
    static constexpr int next_state_at = 11;
};

inline constexpr std::array<std::uint32_t, large_step_states> packed_steps = [] {
    std::array<std::uint32_t, large_step_states> packed{};
    for (std::size_t state = 0; state < large_step_states; ++state) {
        const LargeStep& step = large_steps[state];
        packed[state] = step.bit | std::uint32_t{step.gap} << PackedStep::gap_at |
                        std::uint32_t{step.carry} << PackedStep::carry_at |
                        step.next_state << PackedStep::next_state_at;
    }
    return packed;
}();

}  // namespace pinfold::kernels
