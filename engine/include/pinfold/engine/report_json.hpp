#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/job_result.hpp>
#include <string>

namespace pinfold {

/// A report as one JSON object on one line, with a member for each of JobReport's, of the same
/// name: for a log, or another program.
///
///     pinfold::Pool pool({.crew = pinfold::Crew::serial});
///     const auto r = pinfold::map_reduce(
///         pool, pinfold::Range{0, 10}, 0, [](const int&, const pinfold::Chunk&) { return 1; },
///         std::plus<>{});
///     assert(pinfold::to_json(r.report).starts_with(R"({"chunks":10,"restored":0,)"));
///
/// Numbers are JSON numbers, but the begin and the end of a chunk are strings of decimal digits:
/// many readers round above 2^53. Bytes of a text that are no UTF-8 become U+FFFD. A number that
/// is not finite, which no job reports, becomes null.
[[nodiscard]] PINFOLD_API std::string to_json(const JobReport& report);

}  // namespace pinfold
