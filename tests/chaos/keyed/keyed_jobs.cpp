#include "keyed/keyed_jobs.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <pinfold/engine/inputs/lines.hpp>
#include <pinfold/engine/inputs/split_words.hpp>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string_view>

#include "keyed/keyed_bytes.hpp"
#include "keyed/texts.hpp"

namespace chaos {

namespace {

using pinfold::Chunk;
using pinfold::Range;

// More than the rounds of a merge, in chunks of a few hundred microseconds.
constexpr std::uint64_t pairs = 120'000;
constexpr std::uint64_t grain = 1200;

pinfold::JobSettings settings_on(const KeyedStage& stage) {
    pinfold::JobSettings settings;
    settings.grain = grain;
    settings.max_attempts = 100;  // chance may hit the same chunk again and again
    settings.chunk_deadline = stage.chunk_deadline;
    return settings;
}

template <typename Result>
KeyedOutcome outcome_of(const Result& result) {
    return {pinfold::testing::bytes_of(result.value), result.value.size(), result.report.chunks,
            result.report.deaths};
}

/// A few keys that each chunk has, and many that few have.
std::uint64_t key_of(std::uint64_t k, std::uint32_t seed) {
    return k % 3 == 0 ? 1'000'000 + (k ^ seed) / 4 : (k + seed) % 257;
}

KeyedOutcome words_of_a_book(const KeyedStage& stage, std::uint32_t seed) {
    const auto text = stage.pool.array(pinfold::testing::book(pairs / 2, 1 + seed));
    pinfold::JobSettings settings = settings_on(stage);
    settings.grain = text.size() / 80;
    return outcome_of(pinfold::map_reduce_by_key(
        stage.pool, pinfold::Lines(text),
        [at_work = stage.at_work](std::string_view lines, auto& emit) {
            at_work[0].note();
            for (const std::string_view word : pinfold::words(lines)) {
                emit(word, 1);
            }
        },
        std::plus<>{}, settings));
}

KeyedOutcome sums_of_integers(const KeyedStage& stage, std::uint32_t seed) {
    return outcome_of(pinfold::map_reduce_by_key<std::uint64_t, std::uint64_t>(
        stage.pool, Range{0, pairs},
        [at_work = stage.at_work, seed](const Chunk& chunk, auto& emit) {
            at_work[0].note();
            for (const auto k : chunk) {
                emit(key_of(k, seed), k);
            }
        },
        std::plus<>{}, settings_on(stage)));
}

KeyedOutcome sums_of_doubles(const KeyedStage& stage, std::uint32_t seed) {
    return outcome_of(pinfold::map_reduce_by_key<std::uint64_t, double>(
        stage.pool, Range{0, pairs},
        [at_work = stage.at_work, seed](const Chunk& chunk, auto& emit) {
            at_work[0].note();
            for (const auto k : chunk) {
                emit(key_of(k, seed), std::sin(static_cast<double>(k + seed)));
            }
        },
        std::plus<>{}, settings_on(stage)));
}

/// Their order counts, and they are messages.
KeyedOutcome joined_texts(const KeyedStage& stage, std::uint32_t seed) {
    return outcome_of(pinfold::map_reduce_by_key<std::string, std::string>(
        stage.pool, Range{0, pairs / 4},
        [at_work = stage.at_work, seed](const Chunk& chunk, auto& emit) {
            at_work[0].note();
            for (const auto k : chunk) {
                emit("key " + std::to_string(key_of(k, seed)), std::to_string(k) + ' ');
            }
        },
        [at_work = stage.at_work](const std::string& a, const std::string& b) {
            at_work[0].note();
            return a + b;
        },
        settings_on(stage)));
}

KeyedOutcome groups_of_numbers(const KeyedStage& stage, std::uint32_t seed) {
    return outcome_of(pinfold::group_by<std::uint64_t, std::uint64_t>(
        stage.pool, Range{0, pairs},
        [at_work = stage.at_work, seed](const Chunk& chunk, auto& emit) {
            at_work[0].note();
            for (const auto k : chunk) {
                emit(key_of(k, seed), k);
            }
        },
        settings_on(stage)));
}

constexpr std::array<KeyedJob, 5> jobs{{{"words of a book", words_of_a_book},
                                        {"sums of integers", sums_of_integers},
                                        {"sums of doubles", sums_of_doubles},
                                        {"joined texts", joined_texts},
                                        {"groups of numbers", groups_of_numbers}}};

}  // namespace

std::span<const KeyedJob> keyed_jobs() {
    return jobs;
}

}  // namespace chaos
