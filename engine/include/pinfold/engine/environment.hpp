#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/options.hpp>

namespace pinfold {

/// `options` as a Pool takes them: what was left at its default is filled from the environment.
///
/// A Pool does this by itself when it is made; this is for programs that want to know before.
///
///     const auto said = [](const char* name) -> const char* {
///         return std::string(name) == "PINFOLD_CREW" ? "threads" : nullptr;
///     };
///     const pinfold::PoolOptions filled = pinfold::with_environment({.workers = 3}, said);
///     assert(filled.crew == pinfold::Crew::threads && filled.workers == 3);
///     assert(filled.pin == "cores");
///
/// PINFOLD_CREW is a name that parse_crew() takes, and fills a `crew` of Crew::automatic; without
/// it that is Crew::processes. PINFOLD_WORKERS is 1 to max_workers, and fills `workers` of 0.
/// PINFOLD_PIN is a policy as in PoolOptions::pin, and fills an empty `pin`; without it that is
/// "cores". A variable that is empty counts as not set. One that fills nothing is not looked at.
///
/// `variable(name)` says what a variable holds, or nullptr; without it the environment is asked.
/// Throws std::invalid_argument that names the variable, its value and what it may hold.
/// Thread-safety: not beside setenv().
[[nodiscard]] PINFOLD_API PoolOptions with_environment(PoolOptions options);
[[nodiscard]] PINFOLD_API PoolOptions with_environment(PoolOptions options,
                                                       const char* (*variable)(const char* name));

}  // namespace pinfold
