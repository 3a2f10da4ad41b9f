#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <pinfold/engine/chunk_seed.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>

#include "jobs/primality/number_lines.hpp"

namespace pinfold::apps {

/// Numbers that are read chunk by chunk, in any process: what a job runs over. `reader(chunk)`
/// gives an object whose read(batch) fills the batch and returns how many numbers it got, fewer
/// only at the chunk's end; `count_in(chunk)` is how many there are; `was_cut()` is whether this
/// process has read what is no longer there.
template <typename Source>
concept NumberSource = shm::Shareable<Source> &&
    requires(const Source& source, const Chunk& chunk, std::span<std::uint64_t> batch) {
    { source.count_in(chunk) } -> std::same_as<std::uint64_t>;
    { source.reader(chunk).read(batch) } -> std::same_as<std::size_t>;
    { source.was_cut() } -> std::same_as<bool>;
};

/// Numbers in the pool's arena; a chunk is a range of their indexes.
struct ListedNumbers {
    class Reader {
      public:
        explicit Reader(std::span<const std::uint64_t> rest) noexcept : rest_(rest) {}

        std::size_t read(std::span<std::uint64_t> batch) noexcept {
            const std::size_t size = std::min(batch.size(), rest_.size());
            std::copy_n(rest_.begin(), size, batch.begin());
            rest_ = rest_.subspan(size);
            return size;
        }

      private:
        std::span<const std::uint64_t> rest_;
    };

    [[nodiscard]] std::uint64_t count_in(const Chunk& chunk) const noexcept {
        return static_cast<std::uint64_t>(chunk.size());
    }
    [[nodiscard]] Reader reader(const Chunk& chunk) const noexcept {
        return Reader(numbers.subspan(chunk.begin, count_in(chunk)));
    }
    [[nodiscard]] static bool was_cut() noexcept { return false; }

    std::span<const std::uint64_t> numbers;
};

/// Random numbers, uniform in [from, from + width); a chunk is a range of their indexes. A number
/// depends on the seed and its index alone, so neither workers nor chunks change it.
struct RandomNumbers {
    class Reader {
      public:
        Reader(const RandomNumbers& numbers, const Chunk& chunk) noexcept
            : numbers_(numbers), next_(chunk.begin), end_(chunk.end) {}

        std::size_t read(std::span<std::uint64_t> batch) noexcept {
            const auto size =
                static_cast<std::size_t>(std::min<uint128>(batch.size(), end_ - next_));
            for (std::uint64_t& number : batch.first(size)) {
                number = numbers_[static_cast<std::uint64_t>(next_++)];
            }
            return size;
        }

      private:
        const RandomNumbers& numbers_;
        uint128 next_;
        uint128 end_;
    };

    /// Number `index`. A draw of 64 bits, times the width, has it in the upper half; draws that
    /// would favour some numbers are repeated (Lemire 2019, "Fast random integer generation in an
    /// interval").
    [[nodiscard]] std::uint64_t operator[](std::uint64_t index) const noexcept {
        const std::uint64_t first_draw = chunk_seed(seed, index);
        uint128 product = first_draw * width;
        // 2^64 mod width draws too many; a width of 2^64, whose lower half is 0, has none.
        const auto half_width = static_cast<std::uint64_t>(width);
        if (static_cast<std::uint64_t>(product) < half_width) {
            const std::uint64_t surplus = (0 - half_width) % half_width;
            for (std::uint64_t i = 0; static_cast<std::uint64_t>(product) < surplus; ++i) {
                product = chunk_seed(first_draw, i) * width;
            }
        }
        return from + static_cast<std::uint64_t>(product >> 64);
    }

    [[nodiscard]] std::uint64_t count_in(const Chunk& chunk) const noexcept {
        return static_cast<std::uint64_t>(chunk.size());
    }
    [[nodiscard]] Reader reader(const Chunk& chunk) const noexcept { return {*this, chunk}; }
    [[nodiscard]] static bool was_cut() noexcept { return false; }

    std::uint64_t seed = 0;
    std::uint64_t from = 0;
    uint128 width = 1;  ///< 1 to 2^64, and from + width is at most 2^64
};

/// The numbers of a text with one a line, which every process sees; a chunk is a range of bytes and
/// has the lines that start in it.
struct NumbersOfLines {
    [[nodiscard]] std::uint64_t count_in(const Chunk& chunk) const noexcept {
        return counts[chunk.index];
    }
    [[nodiscard]] NumberLines reader(const Chunk& chunk) const noexcept {
        return {text, chunk.begin, static_cast<std::size_t>(chunk.end)};
    }
    [[nodiscard]] bool was_cut() const noexcept {
        return text.was_cut != nullptr && text.was_cut();
    }

    NumberText text;
    std::span<const std::uint64_t> counts;  ///< of each chunk, as survey_lines() found them
};

}  // namespace pinfold::apps
