#pragma once

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/uint128.hpp>
#include <type_traits>

namespace pinfold {

/// A half-open range [begin, end) of unsigned 64-bit integers.
///
/// The end has 128 bits, so a range may end at 2^64 and thus hold every 64-bit integer. Every
/// function that takes a range refuses an end below the begin or above 2^64, by
/// std::invalid_argument.
struct Range {
    std::uint64_t begin = 0;
    uint128 end = 0;

    /// The number of integers in the range, at most 2^64.
    [[nodiscard]] constexpr uint128 size() const noexcept { return end - begin; }
    [[nodiscard]] constexpr bool empty() const noexcept { return end == begin; }

    friend constexpr bool operator==(const Range&, const Range&) noexcept = default;
};

/// An integer type whose values have at most 64 bits.
template <typename T>
concept UpTo64Bits = std::is_integral_v<T> && sizeof(T) <= sizeof(std::uint64_t);

/// Where a chunk ends: a number, or 2^64. It converts to uint128, and to what that converts to.
///
/// A loop `for (auto k = chunk.begin; k < chunk.end; ++k)` is as quick as with an end of 64 bits,
/// and stops at 2^64 too, where k starts again at 0. For that, the end is kept as a begin and a
/// size, and numbers of up to 64 bits count from the chunk's begin on, round and round: only for
/// those in or just behind the chunk is `k < chunk.end` what it is for integers.
///
///     const pinfold::ChunkEnd end(pinfold::ChunkEnd(18446744073709551606U, 10));
///     int numbers = 0;
///     for (std::uint64_t k = 18446744073709551606U; k < end; ++k) {
///         ++numbers;
///     }
///     assert(numbers == 10 && end == pinfold::two_to_64);
class PINFOLD_API ChunkEnd {
  public:
    constexpr ChunkEnd() = default;
    constexpr ChunkEnd(std::uint64_t begin, std::uint64_t size) noexcept
        : begin_(begin), size_(size) {}

    constexpr operator uint128() const noexcept { return uint128{begin_} + size_; }

    template <UpTo64Bits T>
    friend constexpr bool operator<(T k, ChunkEnd end) noexcept {
        return end.distance_of(k) < end.size_;
    }
    template <UpTo64Bits T>
    friend constexpr bool operator>=(T k, ChunkEnd end) noexcept {
        return !(k < end);
    }
    template <UpTo64Bits T>
    friend constexpr bool operator>(ChunkEnd end, T k) noexcept {
        return k < end;
    }
    template <UpTo64Bits T>
    friend constexpr bool operator<=(ChunkEnd end, T k) noexcept {
        return !(k < end);
    }
    template <UpTo64Bits T>
    friend constexpr bool operator==(T k, ChunkEnd end) noexcept {
        return end.distance_of(k) == end.size_;
    }
    friend constexpr bool operator==(uint128 k, ChunkEnd end) noexcept { return k == uint128{end}; }
    friend constexpr bool operator==(ChunkEnd a, ChunkEnd b) noexcept {
        return uint128{a} == uint128{b};
    }

    /// Writes its decimal digits.
    template <typename Stream>
    requires requires(Stream& stream) { stream.write("", 0); }
    friend Stream& operator<<(Stream& stream, ChunkEnd end) {
        stream << to_decimal(end);
        return stream;
    }

  private:
    template <UpTo64Bits T>
    [[nodiscard]] constexpr std::uint64_t distance_of(T k) const noexcept {
        return static_cast<std::uint64_t>(k) - begin_;
    }

    std::uint64_t begin_ = 0;
    std::uint64_t size_ = 0;
};

/// One piece of a job's range, [begin, end): what a map is called with.
///
/// The borders depend on the range and the grain alone, never on the crew or the workers. `index`
/// counts the chunks of the range upwards from 0. chunk_seed() makes a seed for random numbers of
/// it.
struct Chunk {
    std::uint64_t begin = 0;
    ChunkEnd end;
    std::uint64_t index = 0;

    constexpr Chunk() = default;
    constexpr Chunk(std::uint64_t at, std::uint64_t size, std::uint64_t number) noexcept
        : begin(at), end(at, size), index(number) {}

    /// The chunk of these integers, fewer than 2^64.
    constexpr Chunk(Range range, std::uint64_t number) noexcept
        : Chunk(range.begin, static_cast<std::uint64_t>(range.size()), number) {}

    constexpr operator Range() const noexcept { return {begin, end}; }

    /// The number of integers in the chunk.
    [[nodiscard]] constexpr std::uint64_t size() const noexcept {
        return static_cast<std::uint64_t>(end - begin);
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return begin >= end; }

    friend constexpr bool operator==(const Chunk&, const Chunk&) noexcept = default;
};

}  // namespace pinfold
