#pragma once

// What the algorithms whose chunks need each other refuse. Not for users.

#include <pinfold/api.hpp>
#include <pinfold/engine/options.hpp>

namespace pinfold::detail {

/// Throws std::invalid_argument for settings that would leave a chunk out, or take it from a
/// journal: what comes behind it would be wrong. `what` names the call.
PINFOLD_API void check_runs_all_chunks(const char* what, const JobSettings& settings);

/// Throws std::logic_error: a chunk that ran again, or was counted before, keeps other elements.
[[noreturn]] PINFOLD_API void refuse_other_selection();

}  // namespace pinfold::detail
