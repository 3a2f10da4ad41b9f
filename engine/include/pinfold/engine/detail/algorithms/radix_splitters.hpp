#pragma once

// How the keys of a radix sort are cut into buckets of about the same size. Not for users.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_seed.hpp>
#include <span>
#include <vector>

namespace pinfold::detail {

/// A power of two. More buckets fit into a cache each, and fewer into the reach of the TLB while
/// rows are spread (sort_bench).
[[nodiscard]] inline std::size_t buckets_of(std::uint64_t rows) noexcept {
    constexpr std::uint64_t rows_of_a_bucket = 1U << 15;
    return static_cast<std::size_t>(
        std::bit_ceil(std::clamp<std::uint64_t>(rows / rows_of_a_bucket, 16, 1024)));
}

inline constexpr std::size_t samples_of_a_bucket = 32;

/// The first keys of all buckets but the first one. A key that the sample has more often than a
/// bucket's share has a bucket of its own, whose rows need no sorting.
inline void put_splitters(std::vector<std::uint64_t>& sample, std::span<std::uint64_t> splitters) {
    std::sort(sample.begin(), sample.end());
    std::size_t count = 0;
    const std::size_t share = sample.size() / (splitters.size() + 1);
    for (std::size_t i = share; i < sample.size() && count < splitters.size(); i += share) {
        const std::uint64_t key = sample[i];
        if (count == 0 || key > splitters[count - 1]) {
            splitters[count++] = key;
        } else if (key == splitters[count - 1] && key != ~std::uint64_t{0}) {
            splitters[count++] = key + 1;
        }
    }
    std::fill(splitters.begin() + static_cast<std::ptrdiff_t>(count), splitters.end(),
              ~std::uint64_t{0});
}

/// The places of a few keys' buckets, all at once: each step of a search waits for the one before.
template <std::size_t count>
[[gnu::always_inline]] inline void find_buckets(std::span<const std::uint64_t> splitters,
                                                const std::uint64_t (&keys)[count],
                                                std::size_t (&buckets)[count]) {
    std::fill_n(buckets, count, std::size_t{0});
    for (std::size_t half = (splitters.size() + 1) / 2; half != 0; half /= 2) {
        for (std::size_t i = 0; i < count; ++i) {
            const bool is_behind = splitters[buckets[i] + half - 1] <= keys[i];
            buckets[i] += is_behind ? half : 0;
        }
    }
}

/// Calls `each(i, bucket)` for rows [0, size), whose keys `key_of(i)` gives, in order.
template <typename KeyOf, typename Each>
void for_each_bucket(std::span<const std::uint64_t> splitters, std::size_t size,
                     const KeyOf& key_of, const Each& each) {
    constexpr std::size_t at_once = 8;
    for (std::size_t i = 0; i < size; i += at_once) {
        std::uint64_t keys[at_once];
        std::size_t buckets[at_once];
        const std::size_t count = std::min(at_once, size - i);
        for (std::size_t j = 0; j < at_once; ++j) {
            keys[j] = key_of(i + (j < count ? j : 0));
        }
        find_buckets(splitters, keys, buckets);
        for (std::size_t j = 0; j < count; ++j) {
            each(i + j, buckets[j]);
        }
    }
}

}  // namespace pinfold::detail
