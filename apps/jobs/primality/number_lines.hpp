#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pinfold::apps {

/// The longest word that is looked at as a number, in characters: 2^64 has 20 digits, and the
/// longest way to write one that makes sense takes about 40.
inline constexpr std::size_t longest_number = 64;

/// A text with one number a line, and what its owner knows of it.
struct NumberText {
    std::string_view text;

    /// Reads a word that is not the plain digits of a 64-bit number, such as 1e6; gives nothing if
    /// it is none. Without it plain digits are the only form.
    std::optional<std::uint64_t> (*read_word)(std::string_view word) = nullptr;

    /// Whether this process has read where the text is gone: a file that got shorter. Without it
    /// the text stays.
    bool (*was_cut)() noexcept = nullptr;
};

/// Reads the numbers of a text for the lines that start in [begin, end).
///
/// So any cut of [0, text.size()) into ranges reads each line once, wherever the borders fall.
/// Blanks around a number, the CR of CRLF among them, lines of blanks alone and a missing end of
/// the last line are all right. A line with anything else is flawed, and ends the reading.
///
/// Run time: about 15 ns for a number of 20 digits, and at most a look at each byte of the range
/// and of its last line. Thread-safety: that of a plain object; readers of one text are
/// independent. Lifetime: the text's. A text that changes meanwhile gives wrong numbers, and no
/// read outside it.
class NumberLines {
  public:
    /// `end` is at most the text's size.
    NumberLines(const NumberText& numbers, std::size_t begin, std::size_t end) noexcept;

    /// Reads numbers until `numbers` is full, and returns how many; fewer only at the range's end
    /// or a flawed line.
    std::size_t read(std::span<std::uint64_t> numbers);

    /// How many lines have been read, without the flawed one.
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

    /// Where the flawed line begins, when there is one.
    [[nodiscard]] std::optional<std::size_t> flaw() const noexcept { return flaw_; }

  private:
    [[nodiscard]] bool at_end() const noexcept { return next_ >= stop_ || flaw_.has_value(); }
    bool read_line(std::uint64_t& number);
    const char* skip_number(const char* word, std::uint64_t& number) const;

    const char* first_;     // of the text
    const char* text_end_;  // of the text
    const char* next_;      // the next line
    const char* stop_;      // where the range ends
    std::optional<std::uint64_t> (*read_word_)(std::string_view);
    std::uint64_t lines_ = 0;
    std::optional<std::size_t> flaw_;
};

/// The first words of a line, as far as there are any.
struct LineWords {
    std::string_view first;   ///< cut off behind longest_number + 1 characters
    std::string_view second;  ///< cut off behind longest_number; empty behind one that is cut off
};

/// The words of the line that begins at `begin`, to tell what is wrong with it.
[[nodiscard]] LineWords words_of_line(std::string_view text, std::size_t begin) noexcept;

}  // namespace pinfold::apps
