#pragma once

// What the algorithms whose chunks need each other refuse. Not for users.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/options.hpp>
#include <span>

namespace pinfold::detail {

/// Throws std::invalid_argument for settings that would leave a chunk out, or take it from a
/// journal: what comes behind it would be wrong. `what` names the call.
PINFOLD_API void check_runs_all_chunks(const char* what, const JobSettings& settings);

/// Throw std::invalid_argument for keys and values of different sizes, and for outputs of both that
/// overlap.
PINFOLD_API void check_same_size(std::size_t keys, std::size_t values);
PINFOLD_API void check_outputs_apart(std::span<const std::byte> keys,
                                     std::span<const std::byte> values);

/// Throws std::invalid_argument: nobody can have fewer than no elements.
[[noreturn]] PINFOLD_API void refuse_negative(std::int64_t elements);

/// Throws std::logic_error: a chunk that ran again, or was counted before, keeps other elements.
[[noreturn]] PINFOLD_API void refuse_other_selection();

}  // namespace pinfold::detail
