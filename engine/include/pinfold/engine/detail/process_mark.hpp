#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/shm/process_mark.hpp>

namespace pinfold::detail {

using shm::ProcessMark;

/// A map's result of more bytes is made in memory of its worker's own, and then copied.
inline constexpr std::size_t largest_result_in_a_frame = 4096;

}  // namespace pinfold::detail
