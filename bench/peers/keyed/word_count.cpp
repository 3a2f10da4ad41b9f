// A word count by what people build of oneTBB and OpenMP. None of them copies a word: keys are
// views of the text.

#include <tbb/concurrent_hash_map.h>
#include <tbb/parallel_for.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "peers/keyed/keyed.hpp"
#include "peers/keyed/thread_tables.hpp"
#include "peers/keyed/timed_runner.hpp"
#include "peers/keyed/tokens.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using Counts = std::unordered_map<std::string_view, std::uint64_t>;

struct WordHash {
    static std::size_t hash(std::string_view word) { return hash_of(word); }
    static bool equal(std::string_view a, std::string_view b) { return a == b; }
};
using SharedCounts = tbb::concurrent_hash_map<std::string_view, std::uint64_t, WordHash>;

template <typename Pairs>
[[nodiscard]] Digest digest_of_pairs(const Pairs& pairs) {
    Digest digest;
    for (const auto& [word, count] : pairs) {
        digest.add(word, count);
    }
    return digest;
}

/// `f(text)` for each chunk, by oneTBB.
template <typename F>
void for_each_chunk(F f) {
    const std::string_view text = zipf_text();
    tbb::parallel_for(std::size_t{0}, chunks_of(text),
                      [&](std::size_t number) { f(chunk_of(text, number)); });
}

class WordsInHashMap final : public TimedRunner<TwoOfTbb, SharedCounts> {
    SharedCounts solve() override {
        SharedCounts counts;
        in_arena([&] {
            for_each_chunk([&](std::string_view text) {
                for_each_word(text, [&](std::string_view word) {
                    SharedCounts::accessor entry;
                    counts.insert(entry, word);
                    ++entry->second;
                });
            });
        });
        return counts;
    }
    void check(const SharedCounts& counts) override {
        require(digest_of_pairs(counts) == expected_words(), "words in a concurrent_hash_map");
    }
};

class WordsCombined final : public TimedRunner<TwoOfTbb, SharedCounts> {
    SharedCounts solve() override {
        SharedCounts counts;
        in_arena([&] {
            for_each_chunk([&](std::string_view text) {
                Counts own;
                for_each_word(text, [&](std::string_view word) { ++own[word]; });
                for (const auto& [word, count] : own) {
                    SharedCounts::accessor entry;
                    counts.insert(entry, word);
                    entry->second += count;
                }
            });
        });
        return counts;
    }
    void check(const SharedCounts& counts) override {
        require(digest_of_pairs(counts) == expected_words(), "words combined a chunk");
    }
};

using WordTable = PartitionedTable<std::string_view, std::uint64_t>;

class WordsInTables final : public TimedRunner<TwoOfTbb, WordTable> {
    WordTable solve() override {
        return in_arena([] {
            ThreadTables<std::string_view, std::uint64_t> tables;
            for_each_chunk([&](std::string_view text) {
                WordTable& own = tables.local();
                for_each_word(text, [&](std::string_view word) { ++own(word); });
            });
            return tables.merged([](std::uint64_t& into, std::uint64_t from) { into += from; });
        });
    }
    void check(const WordTable& counts) override {
        Digest digest;
        counts.for_each([&](const auto& entry) { digest.add(entry.key, entry.value); });
        require(digest == expected_words(), "words in the tables of threads");
    }
};

class WordsInMapsOfOpenMp final : public TimedRunner<TwoOfOpenMp, Counts> {
    Counts solve() override {
        Counts counts;
        const std::string_view text = zipf_text();
        const std::size_t chunks = chunks_of(text);
#pragma omp parallel num_threads(2)
        {
            Counts own;
#pragma omp for schedule(dynamic) nowait
            for (std::size_t number = 0; number < chunks; ++number) {
                for_each_word(chunk_of(text, number), [&](std::string_view word) { ++own[word]; });
            }
#pragma omp critical
            {
                if (counts.empty()) {
                    counts.swap(own);
                }
                for (const auto& [word, count] : own) {
                    counts[word] += count;
                }
            }
        }
        return counts;
    }
    void check(const Counts& counts) override {
        require(digest_of_pairs(counts) == expected_words(),
                "words in the maps of OpenMP's threads");
    }
};

}  // namespace

const Digest& expected_words() {
    static const Digest digest = [] {
        Counts counts;
        for_each_word(zipf_text(), [&](std::string_view word) { ++counts[word]; });
        return digest_of_pairs(counts);
    }();
    return digest;
}

MakeRunner word_count_by(KeyedPeer peer) {
    switch (peer) {
        case KeyedPeer::tbb_hash_map:
            return [] { return std::make_unique<WordsInHashMap>(); };
        case KeyedPeer::tbb_combined:
            return [] { return std::make_unique<WordsCombined>(); };
        case KeyedPeer::tbb_tables:
            return [] { return std::make_unique<WordsInTables>(); };
        case KeyedPeer::openmp_maps:
            return [] { return std::make_unique<WordsInMapsOfOpenMp>(); };
        case KeyedPeer::tbb_partitioned:
            break;
    }
    return {};
}

}  // namespace bench
