#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// A table of Fibonacci numbers mod m, written at several places at once. At one place each term
// waits for the last one.
namespace pinfold::kernels {

inline constexpr std::size_t table_streams = 16;

/// F(n) and F(n + 1) mod m for the first n of each stream.
struct TableStreams {
    alignas(64) std::array<std::uint64_t, table_streams> now;
    alignas(64) std::array<std::uint64_t, table_streams> next;
};

/// Whether what is written should stay in the caches or go past them, which saves reading the
/// memory first. Only vectors can go past.
enum class Stores { cached, streaming };

/// What divides the length of streams, and eight words are what they are aligned to.
inline constexpr std::size_t table_line = 8;

/// Writes the next `steps` terms of stream i from table[i * steps] on, and takes the streams there.
/// `steps` is a multiple of table_line, and `table` aligned to 64 bytes.
using FillTable = void(TableStreams& streams, std::uint64_t* table, std::size_t steps,
                       std::uint64_t m, Stores stores) noexcept;
FillTable fill_table_scalar;
FillTable fill_table_avx2;
FillTable fill_table_avx512;

}  // namespace pinfold::kernels
