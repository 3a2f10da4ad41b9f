#pragma once

#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/keyed/keyed_table.hpp>
#include <pinfold/engine/options.hpp>
#include <string>

namespace pinfold {
class Files;
class Pool;
}  // namespace pinfold

namespace pinfold::apps {

using WordCounts = KeyedTable<std::string, std::uint64_t>;

/// How often each word stands in files that were made for this pool. A word is what stands between
/// the blanks of isspace() in the C locale, byte by byte: no other language, and no case, is known.
/// Throws what map_reduce_by_key() throws.
[[nodiscard]] JobResult<WordCounts> count_words(Pool& pool, const Files& files,
                                                const JobSettings& settings);

/// How many words there are, each as often as it stands there. Run time: O(different words).
[[nodiscard]] std::uint64_t all_words(const WordCounts& counts);

}  // namespace pinfold::apps
