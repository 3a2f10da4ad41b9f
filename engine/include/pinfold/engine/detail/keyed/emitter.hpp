#pragma once

// What a map of a keyed call emits to. Not for users, who have it as `auto& emit`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/byte_key.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/engine/detail/keyed/key_kinds.hpp>
#include <pinfold/engine/detail/keyed/keyed_memory.hpp>
#include <pinfold/engine/detail/row_step.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::detail {

/// The texts of a chunk, which last until its part is written.
///
///     const std::string_view text = "to be or not";
///     pinfold::detail::ChunkTexts texts;
///     texts.set(text);
///     assert(texts.has(text.data() + 3, 2) && !texts.has(text.data() + 3, 16));
class PINFOLD_API ChunkTexts {
  public:
    void set_all(std::span<const TextPart> parts) noexcept {
        parts_ = parts;
        now_ = parts.empty() ? std::string_view{} : parts.front().text;
    }
    void set(std::string_view text) noexcept { now_ = text; }

    /// Whether so many bytes from `at` on lie in the text that the map has.
    [[nodiscard]] bool has(const char* at, std::size_t bytes) const noexcept {
        const auto offset =
            reinterpret_cast<std::uintptr_t>(at) - reinterpret_cast<std::uintptr_t>(now_.data());
        return offset < now_.size() && bytes <= now_.size() - offset;
    }
    /// Or in any of them.
    [[nodiscard]] bool any_has(const char* at, std::size_t bytes) noexcept {
        if (has(at, bytes)) {
            return true;
        }
        for (const TextPart& part : parts_) {
            set(part.text);
            if (has(at, bytes)) {
                return true;
            }
        }
        return false;
    }

  private:
    std::string_view now_;
    std::span<const TextPart> parts_;
};

/// Makes keys as a table stores them. `stored` may look at characters that are gone after the call;
/// `kept` lasts as long as the chunk.
template <typename Keys>
class KeyMaker {
  public:
    void set_texts(std::span<const TextPart>) const noexcept {}
    void set_text(std::string_view) const noexcept {}

    template <typename K>
    [[nodiscard]] typename Keys::Stored stored(const K& key) const {
        return Keys::stored(static_cast<typename Keys::Stored>(key));
    }
    [[nodiscard]] static bool lasts(const typename Keys::Stored&) noexcept { return true; }
    [[nodiscard]] const typename Keys::Stored& kept(const typename Keys::Stored& key,
                                                    KeyCopies&) const noexcept {
        return key;
    }
};

/// Characters stay where they are if they last; else there is one copy of each different key.
template <>
class KeyMaker<StringKeys> {
  public:
    void set_texts(std::span<const TextPart> parts) noexcept { texts_.set_all(parts); }
    void set_text(std::string_view text) noexcept { texts_.set(text); }

    [[nodiscard]] ByteKey stored(std::string_view key) const noexcept {
        return texts_.has(key.data(), ByteKey::bytes_read) ? ByteKey::of_readable(key)
                                                           : ByteKey::of(key);
    }
    [[nodiscard]] bool lasts(const ByteKey& key) noexcept {
        return !key.is_outside() || texts_.any_has(key.data(), key.size());
    }
    [[nodiscard]] ByteKey kept(const ByteKey& key, KeyCopies& copies) {
        return lasts(key) ? key : ByteKey::of(copies.add(key.view()));
    }

  private:
    ChunkTexts texts_;
};

template <typename Key>
class KeyMaker<MessageKeys<Key>> {
  public:
    void set_texts(std::span<const TextPart>) const noexcept {}
    void set_text(std::string_view) const noexcept {}

    [[nodiscard]] ByteKey stored(const Key& key) { return MessageKeys<Key>::stored(key, scratch_); }
    [[nodiscard]] static bool lasts(const ByteKey& key) noexcept { return !key.is_outside(); }
    [[nodiscard]] static ByteKey kept(const ByteKey& key, KeyCopies& copies) {
        return key.is_outside() ? ByteKey::of(copies.add(key.view())) : key;
    }

  private:
    std::vector<std::byte> scratch_;
};

/// Throws std::logic_error: the map went on after its emit had thrown.
[[noreturn]] PINFOLD_API void refuse_lost_pairs();

/// Emits to a table by `target`, which says what becomes of a value. A few pairs wait until what
/// they look at in the table is in the cache; they are counted in order.
template <typename Target>
class Emitter {
  public:
    using Key = typename Target::Key;
    using Value = typename Target::Value;
    using Keys = typename Target::Keys;

    Emitter(typename Target::Table& table, const Target& target) noexcept
        : table_(table), target_(target) {}
    Emitter(const Emitter&) = delete;
    Emitter& operator=(const Emitter&) = delete;

    /// Counts the value for the key. Throws std::bad_alloc, of which the engine makes what it makes
    /// of any.
    template <typename K, typename V>
    void operator()(const K& key, V&& value) {
        using Given = std::conditional_t<std::is_same_v<Keys, StringKeys>, std::string_view, Key>;
        constexpr bool fits =
            std::is_convertible_v<const K&, Given> && std::is_convertible_v<V&&, Value>;
        static_assert(fits,
                      "pinfold: emit(key, value) is given another type than the call has, and it "
                      "does not convert: map_reduce_by_key<Key, Value>(...) names both");
        if constexpr (fits) {
            const Stored stored = keys_.stored(key);
            const std::uint64_t hash = Keys::hash(stored, fixed_seed);
            if constexpr (may_wait) {
                if (table_.is_combining() && keys_.lasts(stored)) {
                    wait(stored, hash, static_cast<Value>(std::forward<V>(value)));
                    return;
                }
            }
            finish();
            is_adding_ = true;
            add(stored, hash, static_cast<Value>(std::forward<V>(value)));
            is_adding_ = false;
        }
    }

    // Of the engine, around calls of the map.
    void set_texts(std::span<const TextPart> parts) noexcept { keys_.set_texts(parts); }
    void set_text(std::string_view text) noexcept { keys_.set_text(text); }

    /// Counts all that wait. After an exception it refuses, since pairs are lost.
    void finish() {
        if (is_adding_) [[unlikely]] {
            refuse_lost_pairs();
        }
        if constexpr (may_wait) {
            for (std::size_t i = 0; i < waiting_; ++i) {
                table_.prefetch_row(pairs_[i].hash);
            }
            is_adding_ = true;
            for (std::size_t i = 0; i < waiting_; ++i) {
                add(pairs_[i].key, pairs_[i].hash, pairs_[i].value);
            }
            is_adding_ = false;
            waiting_ = 0;
        }
    }

  private:
    using Stored = typename Keys::Stored;
    struct Pair {
        Stored key;
        std::uint64_t hash;
        Value value;
    };
    static constexpr bool may_wait = std::is_trivially_copyable_v<Value> &&
                                     std::is_default_constructible_v<Value> && sizeof(Pair) <= 64;
    static constexpr std::size_t most_waiting = may_wait ? 16 : 0;

    void wait(const Stored& key, std::uint64_t hash, const Value& value) {
        if (waiting_ == most_waiting) {
            finish();
        }
        table_.prefetch(hash);
        new (&pairs_[waiting_++]) Pair{key, hash, value};
    }

    template <typename Given>
    void add(const Stored& key, std::uint64_t hash, Given&& value) {
        target_.add(table_, key, hash, std::forward<Given>(value),
                    [this](const Stored& it) { return keys_.kept(it, table_.memory().copies); });
        reached_in_row(RowStep::emitted);
    }

    typename Target::Table& table_;
    const Target& target_;
    KeyMaker<Keys> keys_;
    bool is_adding_ = false;  // or has thrown
    std::size_t waiting_ = 0;
    std::array<Pair, most_waiting> pairs_;
};

}  // namespace pinfold::detail
