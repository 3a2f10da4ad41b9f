#pragma once

// Hashes of keys. Not for users.
//
// Products of 128 bits, folded to 64, as in Wang Yi's wyhash. With the fixed seed a hash says to
// which partition a key belongs, in every worker and every job. Whoever knows that seed can choose
// keys that collide; a table that meets many such goes on with the seed of its job.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/api.hpp>

namespace pinfold::detail {

struct HashSeed {
    std::uint64_t a;
    std::uint64_t b;
};

inline constexpr HashSeed fixed_seed{0xa0761d6478bd642fU, 0xe7037ed1a0b428dbU};

[[nodiscard]] constexpr bool is_fixed(const HashSeed& seed) noexcept {
    return seed.a == fixed_seed.a && seed.b == fixed_seed.b;
}

/// One that nobody outside of the job knows.
[[nodiscard]] PINFOLD_API HashSeed random_seed();

[[nodiscard]] inline std::uint64_t folded_product(std::uint64_t x, std::uint64_t y) noexcept {
    __extension__ using Product = unsigned __int128;
    const Product product = Product{x} * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

template <typename Word>
[[nodiscard]] inline Word load(const char* at) noexcept {
    Word word;
    std::memcpy(&word, at, sizeof(Word));
    return word;
}

[[nodiscard]] inline std::uint64_t hash_word(std::uint64_t word, const HashSeed& seed) noexcept {
    return folded_product(word ^ seed.a, seed.b);
}
[[nodiscard]] inline std::uint64_t hash_words(std::uint64_t x, std::uint64_t y,
                                              const HashSeed& seed) noexcept {
    return folded_product(x ^ seed.a, y ^ seed.b);
}

/// Of 16 bytes at least.
[[nodiscard]] inline std::uint64_t hash_long(const char* at, std::size_t bytes,
                                             const HashSeed& seed) noexcept {
    std::uint64_t hash = folded_product(bytes ^ seed.b, seed.a);
    const char* const last = at + bytes - 16;
    for (; at < last; at += 16) {
        hash = hash_words(load<std::uint64_t>(at) ^ hash, load<std::uint64_t>(at + 8), seed);
    }
    return hash_words(load<std::uint64_t>(last) ^ hash, load<std::uint64_t>(last + 8), seed);
}

/// Keys are dealt to so many tables, by the highest bits of their fixed hash.
inline constexpr unsigned partition_bits = 6;
inline constexpr std::size_t partitions = std::size_t{1} << partition_bits;

[[nodiscard]] inline std::size_t partition_of(std::uint64_t fixed_hash) noexcept {
    return static_cast<std::size_t>(fixed_hash >> (64 - partition_bits));
}

}  // namespace pinfold::detail
