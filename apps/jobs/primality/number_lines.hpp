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

/// Reads the numbers of a text with one number a line, for the lines that start in [begin, end).
///
/// So any cut of [0, text.size()) into ranges reads each line once, wherever the borders fall. A
/// number is written like parse_number()'s; blanks around it, the CR of CRLF among them, lines of
/// blanks alone and a missing end of the last line are all right. A line with anything else is
/// flawed, and ends the reading.
///
/// Run time: about 15 ns for a number of 20 digits, and at most a look at each byte of the range
/// and of its last line. Thread-safety: that of a plain object; readers of one text are
/// independent. Lifetime: the text's. A text that changes meanwhile gives wrong numbers, and no
/// read outside it.
class NumberLines {
  public:
    /// `end` is at most text.size().
    NumberLines(std::string_view text, std::size_t begin, std::size_t end) noexcept;

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
    std::uint64_t lines_ = 0;
    std::optional<std::size_t> flaw_;
};

/// Throws std::invalid_argument that tells what is wrong with the line that begins at `begin`: the
/// message starts with `name`, such as "line 3 of 'numbers'", and quotes at most longest_number
/// characters. Returns if nothing is wrong.
void check_number_line(std::string_view name, std::string_view text, std::size_t begin);

}  // namespace pinfold::apps
