#pragma once

// What a map of a keyed call emits to. Not for users, who have it as `auto& emit`.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/combining_table.hpp>
#include <pinfold/engine/detail/row_step.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::detail {

/// The texts of a chunk, which last until its part is written.
class ChunkTexts {
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
    [[nodiscard]] ByteKey kept(const ByteKey& key, KeyCopies& copies) noexcept {
        if (!key.is_outside() || texts_.any_has(key.data(), key.size())) {
            return key;
        }
        return ByteKey::of(copies.add(key.view()));
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
    [[nodiscard]] static ByteKey kept(const ByteKey& key, KeyCopies& copies) {
        return key.is_outside() ? ByteKey::of(copies.add(key.view())) : key;
    }

  private:
    std::vector<std::byte> scratch_;
};

/// Emits to a table by `target`, which says what becomes of a value.
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
            const typename Keys::Stored stored = keys_.stored(key);
            target_.add(table_, stored, Keys::hash(stored, fixed_seed),
                        static_cast<Value>(std::forward<V>(value)),
                        [this](const typename Keys::Stored& it) {
                            return keys_.kept(it, table_.memory().copies);
                        });
            reached_in_row(RowStep::emitted);
        }
    }

    // Of the engine, before the map is called.
    void set_texts(std::span<const TextPart> parts) noexcept { keys_.set_texts(parts); }
    void set_text(std::string_view text) noexcept { keys_.set_text(text); }

  private:
    typename Target::Table& table_;
    const Target& target_;
    KeyMaker<Keys> keys_;
};

}  // namespace pinfold::detail
