#pragma once

// How a table holds keys of a type. Not for users.
//
//     Stored             what lies in a row
//     Shown              what a user gets of it
//     stored(key)        of a key; what lies outside of it stays where it is
//     hash, are_same     of what is stored
//     outside(stored)    what has to come along where a row is copied

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/byte_key.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pinfold::detail {

/// Keys whose bytes are their value.
template <typename Key>
struct PlainKeys {
    using Stored = Key;
    using Shown = Key;
    using Given = const Key&;
    static constexpr bool may_lie_outside = false;

    static Stored stored(const Key& key) noexcept {
        if constexpr (std::is_floating_point_v<Key>) {
            // All that compare equal are one key, and all that are no number.
            return key != key ? std::numeric_limits<Key>::quiet_NaN() : key + Key{0};
        } else {
            return key;
        }
    }
    static std::uint64_t hash(const Stored& key, const HashSeed& seed) noexcept {
        if constexpr (sizeof(Key) <= 8) {
            return hash_word(word(key), seed);
        } else if constexpr (sizeof(Key) <= 16) {
            std::uint64_t words[2] = {0, 0};
            std::memcpy(words, &key, sizeof(Key));
            return hash_words(words[0], words[1], seed);
        } else {
            return hash_long(reinterpret_cast<const char*>(&key), sizeof(Key), seed);
        }
    }
    static bool are_same(const Stored& a, const Stored& b) noexcept {
        if constexpr (sizeof(Key) <= 8) {
            return word(a) == word(b);
        } else {
            return std::memcmp(&a, &b, sizeof(Key)) == 0;
        }
    }
    static std::string_view outside(const Stored&) noexcept { return {}; }
    static void move(Stored&, const char*) noexcept {}
    static Shown shown(const Stored& key) noexcept { return key; }
    static Key made(const Stored& key) noexcept { return key; }

  private:
    static std::uint64_t word(const Key& key) noexcept {
        std::uint64_t word = 0;
        std::memcpy(&word, &key, sizeof(Key));
        return word;
    }
};

/// Keys that are strings of bytes.
struct TextKeys {
    using Stored = ByteKey;
    static constexpr bool may_lie_outside = true;

    static std::uint64_t hash(const Stored& key, const HashSeed& seed) noexcept {
        return key.hash(seed);
    }
    static bool are_same(const Stored& a, const Stored& b) noexcept { return a == b; }
    static std::string_view outside(const Stored& key) noexcept {
        return key.is_outside() ? key.view() : std::string_view{};
    }
    static void move(Stored& key, const char* to) noexcept {
        key.first = reinterpret_cast<std::uintptr_t>(to);
    }
};

struct StringKeys : TextKeys {
    using Shown = std::string_view;
    using Given = std::string_view;

    static Stored stored(std::string_view key) noexcept { return ByteKey::of(key); }
    static Shown shown(const Stored& key) noexcept { return key.view(); }
    static std::string made(const Stored& key) { return std::string(key.view()); }
};

/// Keys that cross as messages: equal ones have equal messages.
template <typename Key>
struct MessageKeys : TextKeys {
    using Shown = Key;
    using Given = const Key&;

    /// Writes the message into `scratch`, where it stays until the next one.
    static Stored stored(const Key& key, std::vector<std::byte>& scratch) {
        std::size_t bytes = shm::CrossingOf<Key>::write(key, scratch);
        if (bytes > scratch.size()) {
            scratch.resize(bytes);
            bytes = shm::CrossingOf<Key>::write(key, scratch);
        }
        return ByteKey::of({reinterpret_cast<const char*>(scratch.data()), bytes});
    }
    static Shown shown(const Stored& key) { return made(key); }
    static Key made(const Stored& key) {
        return shm::CrossingOf<Key>::read(
            {reinterpret_cast<const std::byte*>(key.data()), key.size()});
    }
};

template <typename Key>
inline constexpr bool is_plain_key = std::is_trivially_copyable_v<Key> &&
                                     (std::has_unique_object_representations_v<Key> ||
                                      std::is_same_v<Key, float> || std::is_same_v<Key, double>);

template <typename Key>
struct KeysOf {
    using Type = MessageKeys<Key>;
};
template <typename Key>
requires is_plain_key<Key>
struct KeysOf<Key> {
    using Type = PlainKeys<Key>;
};
template <>
struct KeysOf<std::string> {
    using Type = StringKeys;
};

/// As <, and what is no number behind all numbers: else there is no order to sort by.
template <typename Key>
[[nodiscard]] bool is_key_before(const Key& a, const Key& b) {
    if constexpr (std::is_floating_point_v<Key>) {
        return a < b || (a == a && b != b);
    } else {
        return a < b;
    }
}

/// Throws std::domain_error.
[[noreturn]] PINFOLD_API void refuse_key_of_map();

/// Throws where a std::map of such keys would lose others.
template <typename Key>
void check_key_of_map(const Key& key) {
    if constexpr (std::is_floating_point_v<Key>) {
        if (key != key) {
            refuse_key_of_map();
        }
    }
}

template <typename Key>
consteval bool check_key() {
    constexpr bool is_plain = is_plain_key<Key>;
    constexpr bool is_text = std::is_same_v<Key, std::string>;
    static_assert(is_plain || is_text || !std::is_trivially_copyable_v<Key>,
                  "pinfold: a key is compared by its bytes, and this one has padding or a "
                  "floating-point member: make it a std::pair or a std::tuple of its members, with "
                  "<pinfold/shm/crossing.hpp>, or give it members without padding");
    if constexpr (is_plain) {
        static_assert(alignof(Key) <= 16, "pinfold: a key is aligned to at most 16 bytes");
        return alignof(Key) <= 16;
    } else if constexpr (is_text) {
        return true;
    } else if constexpr (!std::is_trivially_copyable_v<Key>) {
        return shm::check_crossing<Key>();
    }
    return false;
}

}  // namespace pinfold::detail
