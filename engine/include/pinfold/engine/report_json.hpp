#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/tasks/map_options.hpp>
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

/// How far a batch is, in the same way; what is not known is null.
///
///     pinfold::Pool pool({.crew = pinfold::Crew::serial});
///     auto batch = pool.map([](int x) { return x; }, {1, 2, 3});
///     assert(batch.get().size() == 3);
///     assert(pinfold::to_json(batch.progress())
///                .starts_with(R"({"done":3,"running":0,"retried":0,"total":3,"remaining":0,)"));
[[nodiscard]] PINFOLD_API std::string to_json(const BatchProgress& progress);

}  // namespace pinfold
