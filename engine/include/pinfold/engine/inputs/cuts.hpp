#pragma once

// Where pieces of text begin and end. A cut is a pure function of the text, and so small that it
// crosses by its bytes. Not for users.
//
// A cut of a text from its begin to its end has one piece at each start. A chunk [begin, end) owns
// the pieces whose start is in it, so each cut can tell from any position on where the next start
// is, and it looks no further than to the chunk's end for one: a piece longer than many chunks is
// read by the chunk that owns it alone.
//
//     first(text, from, to)    the first start in [from, to); `to` or more where there is none
//     piece(text, start)       the piece that starts there
//     next(text, behind, to)   the start behind a piece, as above
//
// With 0 <= from <= to <= text.size() and start < text.size(). Where only a window of a long text
// is in memory, from which a chunk reads:
//
//     before()                 bytes in front of `from` that first() looks at, mostly
//     is_clear(text, from)     whether it looks at no more than a window has that begins there

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <string_view>

namespace pinfold::detail {

inline constexpr std::size_t nowhere = std::string_view::npos;

/// Where `c` is in text[from, to), or nowhere.
inline std::size_t find_in(std::string_view text, char c, std::size_t from,
                           std::size_t to) noexcept {
    const void* const found =
        from < to ? std::memchr(text.data() + from, static_cast<unsigned char>(c), to - from)
                  : nullptr;
    return found == nullptr
               ? nowhere
               : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// Whether some piece ends at `at` or behind, so that the text holds all of those that start
/// before.
template <typename Cut>
bool has_end(const Cut& cut, std::string_view text, std::size_t at) noexcept {
    return cut.piece(text, at).end < text.size();
}

/// Pieces that one character ends, which is part of none. Nothing follows one at the text's end.
inline std::size_t first_behind(std::string_view text, char end, std::size_t from,
                                std::size_t to) noexcept {
    if (from == 0) {
        return 0;
    }
    const std::size_t found = from < to ? find_in(text, end, from - 1, to - 1) : nowhere;
    return found == nowhere ? to : found + 1;
}
inline CutPiece piece_before(std::string_view text, char end, std::size_t start) noexcept {
    const std::size_t found = find_in(text, end, start, text.size());
    return found == nowhere ? CutPiece{text.size(), text.size()} : CutPiece{found, found + 1};
}

/// What is the same of cuts that look at one character in front of a chunk.
struct CutByCharacters {
    [[nodiscard]] static std::size_t before() noexcept { return 1; }
    [[nodiscard]] static bool is_clear(std::string_view, std::size_t) noexcept { return true; }
};

/// "\n" or "\r\n" ends a line.
struct LineCut : CutByCharacters {
    [[nodiscard]] static std::size_t first(std::string_view text, std::size_t from,
                                           std::size_t to) noexcept {
        return first_behind(text, '\n', from, to);
    }
    [[nodiscard]] static CutPiece piece(std::string_view text, std::size_t start) noexcept {
        CutPiece line = piece_before(text, '\n', start);
        const bool has_return =
            line.behind > line.end && line.end > start && text[line.end - 1] == '\r';
        line.end -= has_return ? 1 : 0;
        return line;
    }
    [[nodiscard]] static std::size_t next(std::string_view, std::size_t behind,
                                          std::size_t) noexcept {
        return behind;
    }
};

/// A set of characters.
///
///     const pinfold::detail::CharacterSet digits("0123456789");
///     assert(digits.has('7') && !digits.has('x'));
class PINFOLD_API CharacterSet {
  public:
    explicit constexpr CharacterSet(std::string_view characters) noexcept {
        for (const char c : characters) {
            words_[word_of(c)] |= bit_of(c);
        }
    }
    [[nodiscard]] constexpr bool has(char c) const noexcept {
        return (words_[word_of(c)] & bit_of(c)) != 0;
    }

  private:
    static constexpr std::size_t word_of(char c) noexcept {
        return static_cast<unsigned char>(c) / 64U;
    }
    static constexpr std::uint64_t bit_of(char c) noexcept {
        return std::uint64_t{1} << (static_cast<unsigned char>(c) % 64U);
    }

    std::array<std::uint64_t, 4> words_{};
};

/// Words stand between separators. They have at least one character.
struct WordCut : CutByCharacters {
    CharacterSet separators;

    explicit WordCut(std::string_view characters) noexcept : separators(characters) {}

    [[nodiscard]] std::size_t first(std::string_view text, std::size_t from,
                                    std::size_t to) const noexcept {
        if (from > 0) {  // the rest of a word that began before
            while (from < to && !separators.has(text[from - 1]) && !separators.has(text[from])) {
                ++from;
            }
        }
        return next(text, from, to);
    }
    [[nodiscard]] CutPiece piece(std::string_view text, std::size_t start) const noexcept {
        std::size_t end = start;
        while (end < text.size() && !separators.has(text[end])) {
            ++end;
        }
        return {end, end};
    }
    [[nodiscard]] std::size_t next(std::string_view text, std::size_t behind,
                                   std::size_t to) const noexcept {
        while (behind < to && separators.has(text[behind])) {
            ++behind;
        }
        return behind;
    }
};

/// A delimiter of one or more characters ends a record. Delimiters are found from the text's begin
/// on, so that none overlaps another: "aaa" holds one "aa".
///
///     const pinfold::detail::RecordCut cut("--");
///     assert(cut.first("a--b---c", 1, 8) == 3);  // at 'b'
///     assert(cut.piece("a--b---c", 3).end == 4 && cut.piece("a--b---c", 3).behind == 6);
class PINFOLD_API RecordCut {
  public:
    static constexpr std::size_t largest_delimiter = 46;

    /// Throws std::invalid_argument for an empty delimiter, or a longer one.
    explicit RecordCut(std::string_view delimiter);

    [[nodiscard]] std::size_t first(std::string_view text, std::size_t from,
                                    std::size_t to) const noexcept {
        if (size_ == 1) {
            return first_behind(text, delimiter_[0], from, to);
        }
        return from == 0 ? 0 : first_behind_delimiter(text, from, to);
    }
    [[nodiscard]] CutPiece piece(std::string_view text, std::size_t start) const noexcept {
        if (size_ == 1) {
            return piece_before(text, delimiter_[0], start);
        }
        const std::size_t found = text.find(delimiter(), start);
        return found == nowhere ? CutPiece{text.size(), text.size()}
                                : CutPiece{found, found + size_};
    }
    [[nodiscard]] static std::size_t next(std::string_view, std::size_t behind,
                                          std::size_t) noexcept {
        return behind;
    }

    [[nodiscard]] std::size_t before() const noexcept {
        return size_ == 1 ? 1 : std::size_t{2} * size_;
    }
    [[nodiscard]] bool is_clear(std::string_view text, std::size_t from) const noexcept {
        // An occurrence may begin before the text; it ends before such a place.
        return !overlaps_itself_ || clear_of_delimiters(text, from - size_) + 1 >= size_;
    }

  private:
    [[nodiscard]] std::string_view delimiter() const noexcept { return {delimiter_, size_}; }
    [[nodiscard]] std::size_t first_behind_delimiter(std::string_view text, std::size_t from,
                                                     std::size_t to) const noexcept;
    [[nodiscard]] std::size_t clear_of_delimiters(std::string_view text,
                                                  std::size_t at) const noexcept;

    char delimiter_[largest_delimiter] = {};
    std::uint8_t size_ = 0;
    bool overlaps_itself_ = false;
};

}  // namespace pinfold::detail
