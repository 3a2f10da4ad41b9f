#pragma once

#include <optional>
#include <string>

namespace pinfold::apps {

/// How many cycles a second the cores do while so many workers with these pins keep busy: the
/// median of them, in Hz. Absent on a CPU for which nobody has said how long an addition takes.
///
/// How: each worker times chains of additions of which each needs the result of the one before. An
/// addition of two registers takes one cycle on every x86-64 and AArch64 core of the last ten
/// years, so additions a second are cycles a second. The median of windows of about 0.3 ms is
/// taken, which a time slice lost to somebody else does not move.
///
/// Run time: 60 ms and a pool. Throws what a Pool throws.
[[nodiscard]] std::optional<double> clock_under_load(int workers, const std::string& pin);

}  // namespace pinfold::apps
