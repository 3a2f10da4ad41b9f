#pragma once

// A key that is a string of bytes. Not for users.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <string_view>

namespace pinfold::detail {

/// Characters of any number in 16 bytes: up to 15 lie in it, so that most words are compared and
/// hashed by two words of the machine; more lie where it points.
struct ByteKey {
    // inside:   char 0-7           | char 8-14 and, in the highest byte, how many
    // outside:  where they are     | how many, and 255 in the highest byte
    static constexpr std::size_t most_inside = 15;
    static constexpr std::size_t bytes_read = 16;  // by of_readable()

    std::uint64_t first;
    std::uint64_t second;

    static_assert(std::endian::native == std::endian::little);

    /// Looks at no other character than those of `text`.
    [[nodiscard]] static ByteKey of(std::string_view text) noexcept {
        const char* const at = text.data();
        const std::size_t size = text.size();
        if (size > most_inside) {
            return outside(text);
        }
        if (size > 8) {
            return {load<std::uint64_t>(at),
                    load<std::uint64_t>(at + size - 8) >> (8 * (16 - size)) | sized(size)};
        }
        if (size >= 4) {
            const std::uint64_t last = load<std::uint32_t>(at + size - 4);
            return {load<std::uint32_t>(at) | last << (8 * (size - 4)), sized(size)};
        }
        std::uint64_t word = 0;
        for (std::size_t i = size; i > 0; --i) {
            word = word << 8U | static_cast<unsigned char>(at[i - 1]);
        }
        return {word, sized(size)};
    }

    /// The same where 16 bytes from the text's begin may be read: no branch depends on how long a
    /// short one is, which nobody can predict.
    [[nodiscard]] static ByteKey of_readable(std::string_view text) noexcept {
        const std::size_t size = text.size();
        if (size > most_inside) [[unlikely]] {
            return outside(text);
        }
        const unsigned bits = static_cast<unsigned>(size) * 8;
        const std::uint64_t all = ~std::uint64_t{0};
        const std::uint64_t in_first = bits < 64 ? ~(all << bits % 64) : all;
        const std::uint64_t in_second = bits > 64 ? ~(all << bits % 64) : 0;
        return {load<std::uint64_t>(text.data()) & in_first,
                (load<std::uint64_t>(text.data() + 8) & in_second) | sized(size)};
    }

    [[nodiscard]] bool is_outside() const noexcept { return second >= is_outside_mark; }
    [[nodiscard]] const char* data() const noexcept {
        return is_outside() ? reinterpret_cast<const char*>(first)
                            : reinterpret_cast<const char*>(this);
    }
    [[nodiscard]] std::size_t size() const noexcept {
        return is_outside() ? second - is_outside_mark : second >> 56U;
    }
    [[nodiscard]] std::string_view view() const noexcept { return {data(), size()}; }

    [[nodiscard]] std::uint64_t hash(const HashSeed& seed) const noexcept {
        return is_outside() ? hash_long(data(), size(), seed) : hash_words(first, second, seed);
    }
    friend bool operator==(const ByteKey& a, const ByteKey& b) noexcept {
        if (a.second != b.second) {
            return false;
        }
        return a.first == b.first ||
               (a.is_outside() && std::memcmp(a.data(), b.data(), a.size()) == 0);
    }

  private:
    static constexpr std::uint64_t is_outside_mark = std::uint64_t{0xff} << 56U;

    static ByteKey outside(std::string_view text) noexcept {
        return {reinterpret_cast<std::uintptr_t>(text.data()), text.size() | is_outside_mark};
    }
    static std::uint64_t sized(std::size_t size) noexcept { return std::uint64_t{size} << 56U; }
};

}  // namespace pinfold::detail
