#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/phoenix.hpp"

namespace bench {

// Made at the first call, from a fixed seed.

struct Pixel {
    std::uint8_t blue, green, red;
};
[[nodiscard]] std::span<const Pixel> pixels();

struct BytePoint {
    std::int8_t x, y;
};
[[nodiscard]] std::span<const BytePoint> byte_points();

inline constexpr std::size_t cluster_count = 100;  // what Phoenix++'s program is compiled for
inline constexpr int cluster_rounds = 10;
using Place = std::array<int, 3>;
[[nodiscard]] std::vector<Place> cluster_points();
[[nodiscard]] std::vector<Place> first_means();

inline constexpr std::size_t matrix_side = 1000;
/// A square matrix of integers below `bound`; two seeds give two.
[[nodiscard]] std::vector<int> square_matrix(std::uint64_t seed, int bound);

/// The text of zipf_text() with a word a line, and the four words now and then.
[[nodiscard]] std::string_view word_lines();
inline constexpr std::array<std::string_view, 4> four_words{"Helloworld", "howareyou", "ferrari",
                                                            "whotheman"};

/// Ends the program unless everybody who did the workload found the same.
void require_same(Phoenix workload, const std::vector<std::uint64_t>& found);

}  // namespace bench
