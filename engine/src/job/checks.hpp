#pragma once

#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/options.hpp>

namespace pinfold::detail {

/// The crew of a pool that is made here with `wanted`: in a worker and in a map, the serial one.
[[nodiscard]] Crew crew_here(Crew wanted) noexcept;

/// Throws std::invalid_argument, naming the value and the limit, for settings that make no sense or
/// that the crew cannot give.
void check_settings(const JobSettings& settings, Crew crew);

/// The same for a pool's options, apart from those that depend on the machine.
void check_options(const PoolOptions& options);

}  // namespace pinfold::detail
