#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/uint128.hpp>
#include <type_traits>

namespace pinfold {

/// What a border of a range may be made of: an integer, or what converts to one.
template <typename T>
concept RangeBorder = std::is_convertible_v<T, uint128> && !std::is_floating_point_v<T>;

/// A half-open range [begin, end) of unsigned 64-bit integers.
///
/// The end has 128 bits, so a range may end at 2^64 and thus hold every 64-bit integer. Every
/// function that takes a range refuses an end below the begin or above 2^64, by
/// std::invalid_argument. A negative number is refused so too.
struct Range {
    std::uint64_t begin = 0;
    uint128 end = 0;

    constexpr Range() = default;

    template <RangeBorder Begin, RangeBorder End>
    constexpr Range(Begin first, End behind) noexcept
        : begin(static_cast<std::uint64_t>(first)), end(static_cast<uint128>(behind)) {}

    /// The number of integers in the range, at most 2^64.
    [[nodiscard]] constexpr uint128 size() const noexcept { return end - begin; }
    [[nodiscard]] constexpr bool empty() const noexcept { return end == begin; }

    friend constexpr bool operator==(const Range&, const Range&) noexcept = default;
};

/// One number after the other, for `for (auto k : chunk)`. It goes round at 2^64.
///
///     const pinfold::Chunk chunk(5, 3, 0);
///     std::uint64_t sum = 0;
///     for (const std::uint64_t k : chunk) {
///         sum += k;
///     }
///     assert(sum == 5 + 6 + 7);
class PINFOLD_API ChunkIterator {
  public:
    using value_type = std::uint64_t;
    using difference_type = std::ptrdiff_t;

    constexpr ChunkIterator() = default;
    constexpr explicit ChunkIterator(std::uint64_t at) noexcept : at_(at) {}

    constexpr std::uint64_t operator*() const noexcept { return at_; }
    constexpr ChunkIterator& operator++() noexcept {
        ++at_;
        return *this;
    }
    constexpr ChunkIterator operator++(int) noexcept { return ChunkIterator(at_++); }
    friend constexpr bool operator==(ChunkIterator, ChunkIterator) noexcept = default;

  private:
    std::uint64_t at_ = 0;
};

/// Where a chunk begins: a number that `chunk.begin` reads and that `k = chunk.begin; ++k` counts
/// on from, and what `for (auto k : chunk)` calls. It converts to std::uint64_t.
///
/// In `auto k = chunk.begin` k is one of these, and not a std::uint64_t: a call that takes several
/// types, such as std::sqrt(k), then has to be told which one is meant. `for (auto k : chunk)` and
/// `for (std::uint64_t k = chunk.begin; ...)` have numbers.
///
///     pinfold::ChunkBegin k(7);
///     ++k;
///     assert(k == 8 && 2 * k == 16 && *k() == 8);
class PINFOLD_API ChunkBegin {
  public:
    constexpr ChunkBegin() = default;
    constexpr ChunkBegin(std::uint64_t at) noexcept : at_(at) {}

    constexpr operator std::uint64_t() const noexcept { return at_; }
    constexpr ChunkIterator operator()() const noexcept { return ChunkIterator(at_); }

    constexpr ChunkBegin& operator++() noexcept {
        ++at_;
        return *this;
    }
    constexpr ChunkBegin operator++(int) noexcept { return at_++; }
    constexpr ChunkBegin& operator+=(std::uint64_t more) noexcept {
        at_ += more;
        return *this;
    }

  private:
    std::uint64_t at_ = 0;
};

/// A number of at most 64 bits.
template <typename T>
concept UpTo64Bits =
    (std::is_integral_v<T> && sizeof(T) <= sizeof(std::uint64_t)) || std::is_same_v<T, ChunkBegin>;

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
    constexpr ChunkIterator operator()() const noexcept { return ChunkIterator(begin_ + size_); }

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
    ChunkBegin begin;
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
        return static_cast<std::uint64_t>(uint128{end} - begin);
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return begin >= end; }

    friend constexpr bool operator==(const Chunk& a, const Chunk& b) noexcept {
        return std::uint64_t{a.begin} == b.begin && a.end == b.end && a.index == b.index;
    }
};

}  // namespace pinfold
