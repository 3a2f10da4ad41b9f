#pragma once

namespace pinfold::detail {

/// The points of the claim loop at which a test ends a worker; each is passed to reached().
enum class Step {
    joined,
    announced,
    before_claim,
    claimed,
    noted,
    map_returned,
    committed,
    batch_over,
    published,
    counted,
    phase_advanced,
    rang,
    threw,
    lost,
    before_leave,
    left,
};

inline constexpr int steps = static_cast<int>(Step::left) + 1;

}  // namespace pinfold::detail
