// Jobs whose results have any size, folded, streamed and gathered.
#include <cstdint>
#include <pinfold/engine/gather.hpp>
#include <pinfold/engine/map_fold.hpp>
#include <pinfold/engine/stream.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <vector>

#include "jobs.hpp"
#include "report_sums.hpp"

namespace chaos {

namespace {

using pinfold::Chunk;
using pinfold::Range;
using pinfold::testing::AtWork;

constexpr std::uint64_t chunks = 300;

/// A message itself, which each worker reads.
struct TextJob {
    std::vector<std::string> words;
    pinfold::shm::Array<AtWork> at_work;
};

TextJob text_job(const Stage& stage, std::uint64_t seed) {
    return {{"short", std::string(50 + seed % 100, 'w'), std::string(seed % 100'000, 'l')},
            stage.at_work};
}

std::string text_of(const TextJob& job, const Chunk& chunk) {
    job.at_work[0].note();
    return std::to_string(chunk.index) + ' ' + job.words[chunk.index % job.words.size()] + ' ';
}

pinfold::JobSettings settings_on(const Stage& stage) {
    pinfold::JobSettings settings;
    settings.grain = 1;
    settings.max_attempts = 100;  // chance may hit the same chunk again and again
    settings.chunk_deadline = stage.chunk_deadline;
    settings.timeline = stage.timeline;
    return settings;
}

std::string check_texts(const std::string& all, const TextJob& job) {
    std::string expected;
    for (std::uint64_t i = 0; i < chunks; ++i) {
        expected += std::to_string(i) + ' ' + job.words[i % job.words.size()] + ' ';
    }
    return all == expected ? "" : "the texts of all chunks are others";
}

}  // namespace

std::string folded_texts(Stage& stage, std::uint64_t seed) {
    const TextJob job = text_job(stage, seed);
    const auto all = pinfold::map_fold(
        stage.pool, Range{0, chunks}, job, text_of, std::string(),
        [](std::string& to, const std::string& text) { to += text; }, settings_on(stage));
    return check_texts(all.value, job) + what_does_not_add_up(all.report);
}

std::string streamed_texts(Stage& stage, std::uint64_t seed) {
    const TextJob job = text_job(stage, seed);
    std::string all;
    const auto report = pinfold::stream(
        stage.pool, Range{0, chunks}, job, text_of, [&](std::string&& text) { all += text; },
        settings_on(stage));
    return check_texts(all, job) + what_does_not_add_up(report);
}

std::string gathered_numbers(Stage& stage, std::uint64_t seed) {
    const std::uint64_t most = 1 + seed % 5000;
    const auto all = pinfold::gather<std::uint64_t>(
        stage.pool, Range{0, chunks},
        [at_work = stage.at_work, most](const Chunk& chunk, pinfold::Appender<std::uint64_t>& out) {
            at_work[0].note();
            for (std::uint64_t i = 0; i < chunk.index * 17 % most; ++i) {
                out.push_back(chunk.index + i);
            }
        },
        settings_on(stage));
    std::size_t at = 0;
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
        for (std::uint64_t i = 0; i < chunk * 17 % most; ++i, ++at) {
            if (at >= all.value.size() || all.value[at] != chunk + i) {
                return "another number was gathered at " + std::to_string(at);
            }
        }
    }
    return (at == all.value.size() ? "" : "more numbers were gathered") +
           what_does_not_add_up(all.report);
}

}  // namespace chaos
