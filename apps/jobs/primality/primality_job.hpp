#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>

#include "jobs/primality/number_source.hpp"

namespace pinfold::apps {

/// What a first look at a text of numbers found.
struct LineSurvey {
    struct Flaw {
        std::uint64_t line = 0;  ///< its number, from 1
        std::size_t begin = 0;   ///< where it begins in the text
    };

    shm::Array<std::uint64_t> counts;  ///< the numbers of each chunk of the plan
    std::uint64_t numbers = 0;         ///< those before the flaw
    std::optional<Flaw> flaw;          ///< the first line that is no number's, in any cut
    JobReport report;
};

/// Reads all lines of `text` on the pool's workers and tests no number. The plan is over its bytes;
/// the text must be mapped since before the pool was made. Chunks are never skipped. Throws like
/// map_reduce().
[[nodiscard]] LineSurvey survey_lines(Pool& pool, const NumberText& text, const ChunkPlan& plan,
                                      const JobSettings& settings);

/// One bit a number; each chunk's begin in a byte of its own, so that no two workers write one
/// byte.
struct PrimalityBits {
    shm::Array<std::uint8_t> bytes;
    shm::Array<std::uint64_t> first_byte;  ///< of each chunk
};

enum class Wanted { count, answers };

struct PrimalityResult {
    std::uint64_t primes = 0;
    PrimalityBits bits;  ///< empty unless answers were wanted
    JobReport report;
};

/// Tests the numbers of every chunk of the plan by kernels::are_prime on the pool's workers.
///
/// Memory: 8 bytes a chunk and a bit a number in the arena when answers are wanted, else nothing.
/// Throws like map_reduce(), std::system_error when the answers do not fit in memory, and
/// std::runtime_error when a text no longer has the numbers that its survey found.
template <NumberSource Source>
[[nodiscard]] PrimalityResult test_numbers(Pool& pool, const Source& source, const ChunkPlan& plan,
                                           Wanted wanted, const JobSettings& settings);

extern template PrimalityResult test_numbers(Pool&, const ListedNumbers&, const ChunkPlan&, Wanted,
                                             const JobSettings&);
extern template PrimalityResult test_numbers(Pool&, const RandomNumbers&, const ChunkPlan&, Wanted,
                                             const JobSettings&);
extern template PrimalityResult test_numbers(Pool&, const NumbersOfLines&, const ChunkPlan&, Wanted,
                                             const JobSettings&);

/// The bytes that the answers of a plan of `chunks` chunks with `numbers` numbers take at most.
[[nodiscard]] constexpr uint128 primality_bits_bytes(uint128 numbers, std::uint64_t chunks) {
    return numbers / 8 + uint128{chunks} * (1 + sizeof(std::uint64_t));
}

}  // namespace pinfold::apps
