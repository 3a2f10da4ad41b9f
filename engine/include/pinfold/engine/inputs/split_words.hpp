#pragma once

// The words of a text that a map has in its hands, such as the text of a chunk. Sixty-four
// characters at a time become a mask with a bit for each separator, in which a word begins and ends
// where neighbouring bits differ. So a word costs two counts of zeros and no branch that its length
// decides: mispredicted ends of words are most of the time of a loop over characters. The blanks of
// a mask are found eight characters at a time, by arithmetic on their bytes (H. S. Warren, Hacker's
// Delight, 2013, section 6-1).

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/cuts.hpp>
#include <ranges>
#include <string_view>

namespace pinfold {

namespace detail {

inline constexpr std::size_t mask_characters = 64;

/// The separators that words have by default: those of isspace() in the C locale.
struct Blanks {
    [[nodiscard]] static constexpr bool has(char c) noexcept {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    /// Which of eight characters are blanks, the first one in the lowest bit.
    [[nodiscard]] static std::uint64_t mask_of_eight(const char* text) noexcept {
        constexpr std::uint64_t ones = 0x0101010101010101;
        constexpr std::uint64_t high_bits = 0x80 * ones;
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text, sizeof(bytes));
        const std::uint64_t low = bytes & ~high_bits;
        // The high bit of a byte is set where the rest of it is ...
        const std::uint64_t from_tab = low + (0x80 - '\t') * ones;
        const std::uint64_t behind_return = low + (0x80 - '\r' - 1) * ones;
        const std::uint64_t no_space = (low ^ ' ' * ones) + 0x7f * ones;
        const std::uint64_t blank = ((from_tab & ~behind_return) | ~no_space) & ~bytes & high_bits;
        // The product moves the bit of byte i to bit i of the highest byte.
        return (blank >> 7) * 0x0102040810204080 >> 56;
    }
};

/// The separators that a caller names.
struct NamedSeparators {
    CharacterSet set{""};

    [[nodiscard]] bool has(char c) const noexcept { return set.has(c); }
    [[nodiscard]] std::uint64_t mask_of_eight(const char* text) const noexcept {
        std::uint64_t mask = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            mask |= std::uint64_t{set.has(text[i])} << i;
        }
        return mask;
    }
};

/// Which of the first 64 characters are separators. All that is behind the text counts as one. Not
/// inlined, so that the loop over the words of a mask stays in registers.
template <typename Separators>
[[gnu::noinline]] std::uint64_t mask_of_separators(Separators separators, const char* text,
                                                   std::size_t size) noexcept {
    std::uint64_t mask = 0;
    if (size >= mask_characters) {
        for (std::size_t i = 0; i < mask_characters; i += 8) {
            mask |= separators.mask_of_eight(text + i) << i;
        }
        return mask;
    }
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        mask |= separators.mask_of_eight(text + i) << i;
    }
    for (; i < size; ++i) {
        mask |= std::uint64_t{separators.has(text[i])} << i;
    }
    return mask | ~std::uint64_t{0} << size;
}

}  // namespace detail

/// The words of a text, as words() gives them: a forward range of std::string_view.
///
///     const auto found = pinfold::words("to be or not");
///     assert(std::distance(found.begin(), found.end()) == 4);
///     assert(*std::next(found.begin()) == "be");
template <typename Separators>
class SplitWords {
  public:
    class Iterator;
    using value_type = std::string_view;
    using iterator = Iterator;
    using const_iterator = Iterator;

    SplitWords(std::string_view text, const Separators& separators) noexcept
        : text_(text), separators_(separators) {}

    [[nodiscard]] Iterator begin() const noexcept { return Iterator(text_, separators_); }
    [[nodiscard]] Iterator end() const noexcept { return Iterator(text_.size()); }
    [[nodiscard]] bool empty() const noexcept { return begin() == end(); }

  private:
    std::string_view text_;
    [[no_unique_address]] Separators separators_;
};

/// Goes from word to word. It needs the text, and no longer the range.
///
///     const std::string_view text = "a, bc";
///     auto word = pinfold::words(text, ", ").begin();
///     assert(*++word == "bc" && (*word).data() == text.data() + 3);
template <typename Separators>
class SplitWords<Separators>::Iterator {
  public:
    using iterator_concept = std::forward_iterator_tag;
    using iterator_category = std::input_iterator_tag;  // what * gives is a value
    using value_type = std::string_view;
    using reference = std::string_view;
    using pointer = void;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;

    std::string_view operator*() const noexcept { return {text_ + start_, end_ - start_}; }
    Iterator& operator++() noexcept {
        start_ = next_border();
        end_ = next_border();
        return *this;
    }
    Iterator operator++(int) noexcept {
        Iterator before = *this;
        ++*this;
        return before;
    }
    /// Of two of the same text.
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
        return a.start_ == b.start_;
    }

  private:
    friend class SplitWords;

    explicit Iterator(std::size_t end) noexcept : start_(end) {}
    Iterator(std::string_view text, const Separators& separators) noexcept
        : separators_(separators), text_(text.data()), size_(text.size()) {
        ++*this;
    }

    /// Where a word begins, or the one that began ends; the text's end where there is no more.
    std::size_t next_border() noexcept {
        while (borders_ == 0) {
            if (looked_at_ >= size_) {
                return size_;
            }
            const std::uint64_t mask =
                detail::mask_of_separators(separators_, text_ + looked_at_, size_ - looked_at_);
            borders_ = mask ^ (mask << 1 | last_is_separator_);
            last_is_separator_ = mask >> 63;
            looked_at_ += detail::mask_characters;
        }
        const auto at = static_cast<std::size_t>(std::countr_zero(borders_));
        borders_ &= borders_ - 1;
        return looked_at_ - detail::mask_characters + at;
    }

    [[no_unique_address]] Separators separators_;
    const char* text_ = nullptr;
    std::size_t size_ = 0;
    std::size_t looked_at_ = 0;            // how many characters have been in a mask
    std::uint64_t borders_ = 0;            // those of the last mask that are still to come
    std::uint64_t last_is_separator_ = 1;  // as what stands in front of the text is
    std::size_t start_ = 0;
    std::size_t end_ = 0;
};

/// The words of a text: as many characters in a row as are no separators, and at least one. They
/// lie in the text and are not copied.
///
///     std::size_t letters = 0;
///     for (const std::string_view word : pinfold::words("to be\tor  not\n")) {
///         letters += word.size();
///     }
///     assert(letters == 9);
///
/// Separators are single bytes, and by default those of isspace() in the C locale, " \t\n\v\f\r",
/// as those of the input Words are. Every other byte is part of a word, be it UTF-8 or not.
///
/// Run time: O(text), one to three cycles for each character. No byte outside of the text is read.
/// Lifetime: the words are there as long as the text is. Thread-safety: as a std::string_view.
[[nodiscard]] inline SplitWords<detail::Blanks> words(std::string_view text) noexcept {
    return {text, {}};
}

/// The same between separators of your own.
///
///     std::vector<std::string_view> fields;
///     for (const std::string_view field : pinfold::words("a,b;;c", ",;")) {
///         fields.push_back(field);
///     }
///     assert(fields.size() == 3 && fields.back() == "c");
[[nodiscard]] inline SplitWords<detail::NamedSeparators> words(
    std::string_view text, std::string_view separators) noexcept {
    return {text, {detail::CharacterSet(separators)}};
}

}  // namespace pinfold

template <typename Separators>
inline constexpr bool std::ranges::enable_borrowed_range<pinfold::SplitWords<Separators>> = true;
