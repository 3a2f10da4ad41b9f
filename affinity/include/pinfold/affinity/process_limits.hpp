#pragma once

#include <filesystem>
#include <pinfold/api.hpp>
#include <string>

namespace pinfold::affinity {

/// What keeps this process from starting another process or thread, in words for an error: the
/// limits of processes that are reached, of its cgroup and that group's visible ancestors; where
/// none is, `ulimit -u` and what else the system has.
///
///     const std::string limits = pinfold::affinity::process_limits();
///     assert(!limits.empty());
///
/// `root` is the folder that stands for "/": tests lay out a proc and a sys below it.
[[nodiscard]] PINFOLD_API std::string process_limits(const std::filesystem::path& root = "/");

}  // namespace pinfold::affinity
