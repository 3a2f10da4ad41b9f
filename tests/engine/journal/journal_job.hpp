#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold::testing {

// The job of journal_test, which its host program runs too.
inline constexpr std::uint64_t journal_chunks = 64;
inline constexpr std::uint64_t journal_chunks_of_host = 16;
inline constexpr std::uint64_t journal_grain = 10;
inline constexpr Range journal_range{0, journal_chunks* journal_grain};

inline double term(const Chunk& chunk) {
    return std::sin(static_cast<double>(chunk.index) + 0.5) * 1e3;
}

inline JobOptions<double> journal_options(const std::filesystem::path& file) {
    JobOptions<double> options;
    options.grain = journal_grain;
    options.journal = {.file = file, .kernel = "noisy sum", .version = 3};
    return options;
}

}  // namespace pinfold::testing
