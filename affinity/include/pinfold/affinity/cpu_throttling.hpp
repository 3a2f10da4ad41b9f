#pragma once

#include <filesystem>
#include <optional>
#include <pinfold/api.hpp>

namespace pinfold::affinity {

/// CPU time in seconds for which the quotas of this process's cgroups have held their processes
/// back so far: the sum of what its own group and each visible ancestor tell, in cgroup v2
/// (throttled_usec) and v1 (throttled_time). Take the difference of two looks. Absent where no
/// group tells it.
///
///     if (const auto before = pinfold::affinity::throttled_seconds()) {
///         assert(*pinfold::affinity::throttled_seconds() >= *before);
///     }
///
/// `root` is the folder that stands for "/": tests lay out a proc and a sys below it.
///
/// Run time: about 0.1 ms, a handful of small files. Thread-safety: any.
[[nodiscard]] PINFOLD_API std::optional<double> throttled_seconds(
    const std::filesystem::path& root = "/");

}  // namespace pinfold::affinity
