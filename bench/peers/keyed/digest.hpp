#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bench {

/// A number without a pattern, from another one.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t k) {
    k = (k ^ (k >> 30U)) * 0xbf58476d1ce4e5b9U;
    k = (k ^ (k >> 27U)) * 0x94d049bb133111ebU;
    return k ^ (k >> 31U);
}

[[nodiscard]] constexpr std::uint64_t mixed(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return mixed(hash);
}

/// Keys and their values in any order, in two numbers: what different ways to make a table are
/// compared by.
struct Digest {
    std::uint64_t keys = 0;
    std::uint64_t sum = 0;

    template <typename Key>
    constexpr void add(const Key& key, std::uint64_t value) {
        ++keys;
        sum += mixed(mixed(key) + value);
    }

    friend constexpr bool operator==(const Digest& a, const Digest& b) {
        return a.keys == b.keys && a.sum == b.sum;
    }
};

/// The pages of an address in any order.
[[nodiscard]] inline std::uint64_t digest_of_pages(std::span<const std::uint32_t> pages) {
    std::uint64_t sum = 0;
    for (const std::uint32_t page : pages) {
        sum += mixed(std::uint64_t{page} + 1);
    }
    return sum;
}

}  // namespace bench
