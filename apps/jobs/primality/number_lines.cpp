// Nearly all lines of a large file are plain digits, which are read eight at a time: with each
// digit in a byte of one word, neighbours are joined to 2, then all to 8 digits by three
// multiplications (Lemire 2021, "Number parsing at a gigabyte per second"). Whatever is not plain
// digits goes the way of a number on the command line.

#include "jobs/primality/number_lines.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace pinfold::apps {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// White space other than a line's end.
constexpr bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

constexpr bool ends_word(char c) {
    return c == '\n' || is_blank(c);
}

const char* skip_blanks(const char* at, const char* end) {
    while (at != end && is_blank(*at)) {
        ++at;
    }
    return at;
}

/// Eight characters, the first one in the lowest byte.
std::uint64_t eight_characters(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if constexpr (std::endian::native == std::endian::big) {
        word = __builtin_bswap64(word);
    }
    return word;
}

constexpr std::uint64_t in_each_byte(std::uint64_t byte) {
    return byte * 0x0101010101010101U;
}

/// The high bit of each byte above 9. No sum carries into the next byte.
constexpr std::uint64_t bytes_above_9(std::uint64_t word) {
    constexpr std::uint64_t high_bits = in_each_byte(0x80);
    return (((word & ~high_bits) + in_each_byte(0x80 - 10)) | word) & high_bits;
}

/// The value of eight digits, the most significant one in the lowest byte.
constexpr std::uint64_t value_of_digits(std::uint64_t word) {
    word = word * 10 + (word >> 8);  // two digits in every other byte
    constexpr std::uint64_t pairs = 0x000000ff000000ffU;
    constexpr std::uint64_t first_pairs = 100 + (std::uint64_t{1'000'000} << 32);
    constexpr std::uint64_t second_pairs = 1 + (std::uint64_t{10'000} << 32);
    return ((word & pairs) * first_pairs + ((word >> 16) & pairs) * second_pairs) >> 32;
}

constexpr std::array<std::uint64_t, 9> power_of_ten{
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
constexpr std::uint64_t ten_to_19 = 10'000'000'000'000'000'000U;

struct Digits {
    std::uint64_t value;  // modulo 2^64
    const char* end;
};

/// Reads the digits at `at`, if any. How many a number has is random, so a branch on each one of
/// the last few would often be mispredicted: they are read at once, behind as many zeros as eight
/// digits need.
Digits read_digits(const char* at, const char* end) {
    std::uint64_t value = 0;
    while (end - at >= 8) {
        const std::uint64_t digits = eight_characters(at) ^ in_each_byte('0');
        const std::uint64_t others = bytes_above_9(digits);
        if (others != 0) {
            const auto size = static_cast<unsigned>(std::countr_zero(others)) / 8;
            const std::uint64_t last = size == 0 ? 0 : digits << (64 - 8 * size);
            return {value * power_of_ten[size] + value_of_digits(last), at + size};
        }
        value = value * power_of_ten[8] + value_of_digits(digits);
        at += 8;
    }
    for (; at != end && is_digit(*at); ++at) {
        value = value * 10 + static_cast<std::uint64_t>(*at - '0');
    }
    return {value, at};
}

/// Whether `value`, which `digits` digits gave modulo 2^64, is what they say. Twenty digits that
/// begin with a 1 are at least 10^19; from 2^64 up to 2·10^19 they wrap round to below that.
constexpr bool is_exact(std::size_t digits, char first, std::uint64_t value) {
    return digits <= 19 || (digits == 20 && (first == '0' || (first == '1' && value >= ten_to_19)));
}

/// The word that begins at `begin`, cut off behind longest_number + 1 characters.
std::string_view word_at(const char* begin, const char* end) {
    constexpr std::ptrdiff_t most = longest_number + 1;
    const char* const look_until = end - begin > most ? begin + most : end;
    return {begin, std::find_if(begin, look_until, ends_word)};
}

}  // namespace

NumberLines::NumberLines(const NumberText& numbers, std::size_t begin, std::size_t end) noexcept
    : first_(numbers.text.data()),
      text_end_(first_ + numbers.text.size()),
      next_(first_ + begin),
      stop_(first_ + end),
      read_word_(numbers.read_word) {
    if (begin != 0 && begin < end) {
        // A line starts behind a line's end, which may be the last byte of the range before.
        const void* const line_end = std::memchr(next_ - 1, '\n', end - begin);
        next_ = line_end == nullptr ? stop_ : static_cast<const char*>(line_end) + 1;
    }
}

std::size_t NumberLines::read(std::span<std::uint64_t> numbers) {
    std::size_t size = 0;
    while (size < numbers.size() && !at_end()) {
        size += read_line(numbers[size]) ? 1U : 0U;
    }
    return size;
}

/// Reads one line, and returns whether it holds a number.
bool NumberLines::read_line(std::uint64_t& number) {
    const char* at = skip_blanks(next_, text_end_);
    const bool has_number = at != text_end_ && *at != '\n';
    if (has_number) {
        at = skip_number(at, number);
        at = at == nullptr ? nullptr : skip_blanks(at, text_end_);
        if (at == nullptr || (at != text_end_ && *at != '\n')) {
            flaw_ = static_cast<std::size_t>(next_ - first_);
            return false;
        }
    }
    next_ = at == text_end_ ? at : at + 1;
    ++lines_;
    return has_number;
}

/// Where the number that begins at `word` ends, or nullptr if it is none.
const char* NumberLines::skip_number(const char* word, std::uint64_t& number) const {
    const auto [value, end] = read_digits(word, text_end_);
    if ((end == text_end_ || ends_word(*end)) && end != word &&
        is_exact(static_cast<std::size_t>(end - word), *word, value)) {
        number = value;
        return end;
    }
    const std::string_view whole = word_at(word, text_end_);
    if (read_word_ == nullptr || whole.size() > longest_number) {
        return nullptr;
    }
    const auto other_form = read_word_(whole);
    number = other_form.value_or(0);
    return other_form ? word + whole.size() : nullptr;
}

LineWords words_of_line(std::string_view text, std::size_t begin) noexcept {
    const char* const end = text.data() + text.size();
    const char* const first = skip_blanks(text.data() + begin, end);
    const std::string_view word = word_at(first, end);
    if (word.size() > longest_number) {
        return {word, {}};
    }
    const char* const second = skip_blanks(first + word.size(), end);
    return {word, word_at(second, end).substr(0, longest_number)};
}

}  // namespace pinfold::apps
