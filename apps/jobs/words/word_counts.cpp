#include "jobs/words/word_counts.hpp"

#include <functional>
#include <pinfold/engine/inputs/files.hpp>
#include <pinfold/engine/inputs/split_words.hpp>
#include <pinfold/engine/inputs/words.hpp>
#include <pinfold/engine/keyed/map_reduce_by_key.hpp>
#include <pinfold/engine/pool.hpp>
#include <string_view>

namespace pinfold::apps {

JobResult<WordCounts> count_words(Pool& pool, const Files& files, const JobSettings& settings) {
    return map_reduce_by_key(
        pool, Words(files),
        [](std::string_view text, auto& emit) {
            for (const std::string_view word : words(text)) {
                emit(word, std::uint64_t{1});
            }
        },
        std::plus<>{}, settings);
}

std::uint64_t all_words(const WordCounts& counts) {
    std::uint64_t all = 0;
    for (const auto& entry : counts) {
        all += entry.value;
    }
    return all;
}

}  // namespace pinfold::apps
