#include "jobs/primality/primality_job.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/kernels/is_prime.hpp>
#include <stdexcept>

namespace pinfold::apps {

namespace {

// Enough for are_prime() to keep its lanes filled, and little enough for the first-level cache. A
// multiple of 8, so that each batch begins with a byte of answers of its own.
constexpr std::size_t batch_size = 1024;

struct SurveyJob {
    NumberText text;
    std::span<std::uint64_t> counts;
};

struct ChunkSurvey {
    static constexpr std::size_t no_flaw = static_cast<std::size_t>(-1);

    std::uint64_t lines = 0;
    std::uint64_t numbers = 0;
    std::size_t flaw = no_flaw;
};

ChunkSurvey survey_chunk(const SurveyJob& job, const Chunk& chunk) {
    std::array<std::uint64_t, batch_size> batch;
    NumberLines lines(job.text, chunk.begin, static_cast<std::size_t>(chunk.end));
    ChunkSurvey survey;
    while (const std::size_t size = lines.read(batch)) {
        survey.numbers += size;
    }
    survey.lines = lines.lines();
    survey.flaw = lines.flaw().value_or(ChunkSurvey::no_flaw);
    job.counts[chunk.index] = survey.numbers;
    return survey;
}

/// The survey of a text's front and of the chunk behind it: what lies behind a flaw does not count.
ChunkSurvey join(ChunkSurvey front, const ChunkSurvey& next) {
    if (front.flaw != ChunkSurvey::no_flaw) {
        return front;
    }
    return {front.lines + next.lines, front.numbers + next.numbers, next.flaw};
}

template <NumberSource Source>
struct PrimalityJob {
    Source source;
    std::span<std::uint8_t> bytes;              // empty when only the count is wanted
    std::span<const std::uint64_t> first_byte;  // of each chunk
};

struct ChunkPrimes {
    std::uint64_t primes = 0;
    bool changed = false;  // the text under the chunk is not what was surveyed
};

ChunkPrimes operator+(ChunkPrimes a, const ChunkPrimes& b) {
    return {a.primes + b.primes, a.changed || b.changed};
}

void pack(std::span<const std::uint8_t> answers, std::span<std::uint8_t> bytes) {
    for (std::size_t i = 0; i < answers.size(); i += 8) {
        const auto eight = answers.subspan(i, std::min<std::size_t>(8, answers.size() - i));
        unsigned byte = 0;
        for (std::size_t bit = 0; bit < eight.size(); ++bit) {
            byte |= static_cast<unsigned>(eight[bit]) << bit;
        }
        bytes[i / 8] = static_cast<std::uint8_t>(byte);
    }
}

template <NumberSource Source>
ChunkPrimes test_chunk(const PrimalityJob<Source>& job, const Chunk& chunk) {
    std::array<std::uint64_t, batch_size> batch;
    std::array<std::uint8_t, batch_size> room;
    const std::uint64_t expected = job.source.count_in(chunk);
    auto reader = job.source.reader(chunk);
    std::uint64_t done = 0;
    ChunkPrimes result;
    while (const std::size_t size = reader.read(batch)) {
        if (size > expected - done) {
            return {0, true};  // more numbers than there is room for
        }
        const auto answers = std::span(room).first(size);
        kernels::are_prime(std::span(batch).first(size), answers);
        result.primes += std::accumulate(answers.begin(), answers.end(), std::uint64_t{0});
        if (!job.bytes.empty()) {
            pack(answers, job.bytes.subspan(job.first_byte[chunk.index] + done / 8));
        }
        done += size;
    }
    result.changed = done != expected || job.source.was_cut();
    return result;
}

template <NumberSource Source>
PrimalityBits make_bits(Pool& pool, const Source& source, const ChunkPlan& plan) {
    PrimalityBits bits;
    bits.first_byte = pool.array<std::uint64_t>(plan.size());
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        bits.first_byte[i] = bytes;
        bytes += (source.count_in(plan[i]) + 7) / 8;
    }
    bits.bytes = pool.array<std::uint8_t>(bytes);
    return bits;
}

}  // namespace

LineSurvey survey_lines(Pool& pool, const NumberText& text, const ChunkPlan& plan,
                        const JobSettings& settings) {
    LineSurvey survey;
    survey.counts = pool.array<std::uint64_t>(plan.size());
    JobSettings options = settings;
    options.grain = plan.grain();
    options.on_poison = OnPoison::fail;  // a chunk left out would leave all line numbers unknown
    const auto result = map_reduce(
        pool, plan.range(), SurveyJob{text, survey.counts.span()},
        [](const SurveyJob& job, const Chunk& chunk) { return survey_chunk(job, chunk); }, join,
        options);
    survey.numbers = result.value.numbers;
    if (result.value.flaw != ChunkSurvey::no_flaw) {
        survey.flaw = {result.value.lines + 1, result.value.flaw};
    }
    survey.report = result.report;
    return survey;
}

template <NumberSource Source>
PrimalityResult test_numbers(Pool& pool, const Source& source, const ChunkPlan& plan, Wanted wanted,
                             const JobSettings& settings) {
    PrimalityResult result;
    if (wanted == Wanted::answers) {
        result.bits = make_bits(pool, source, plan);
    }
    JobSettings options = settings;
    options.grain = plan.grain();
    const auto job = map_reduce(
        pool, plan.range(),
        PrimalityJob<Source>{source, result.bits.bytes.span(), result.bits.first_byte.span()},
        [](const PrimalityJob<Source>& shared, const Chunk& chunk) {
            return test_chunk(shared, chunk);
        },
        std::plus<>{}, options);
    if (job.value.changed) {
        throw std::runtime_error("the numbers changed while they were read");
    }
    result.primes = job.value.primes;
    result.report = job.report;
    return result;
}

template PrimalityResult test_numbers(Pool&, const ListedNumbers&, const ChunkPlan&, Wanted,
                                      const JobSettings&);
template PrimalityResult test_numbers(Pool&, const RandomNumbers&, const ChunkPlan&, Wanted,
                                      const JobSettings&);
template PrimalityResult test_numbers(Pool&, const NumbersOfLines&, const ChunkPlan&, Wanted,
                                      const JobSettings&);

}  // namespace pinfold::apps
