#include "report/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace pinfold::detail {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// The bytes of the character of UTF-8 that `text` begins with; 0 where it begins with none.
std::size_t character_bytes(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < bytes) {
        return 0;
    }
    for (std::size_t at = 1; at < bytes; ++at) {
        if ((byte(at) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    // Written too long, a half of a pair of UTF-16, or above U+10FFFF.
    const unsigned second = byte(1);
    const bool is_none = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                         (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    return is_none ? 0 : bytes;
}

void add_escaped(std::string& json, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        json += '\\';
        json += c;
    } else if (code < 0x20) {
        json += "\\u00";
        json += digits[code / 16];
        json += digits[code % 16];
    } else {
        json += c;
    }
}

}  // namespace

std::string json_of(std::string_view text) {
    std::string json = "\"";
    while (!text.empty()) {
        const std::size_t bytes = character_bytes(text);
        if (bytes == 1) {
            add_escaped(json, text.front());
        } else {
            json += bytes == 0 ? replacement : text.substr(0, bytes);
        }
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return json + '"';
}

std::string json_of(double number) {
    if (!std::isfinite(number)) {
        return "null";
    }
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.begin(), text.end(), number).ptr};
}

std::string json_of(std::uint64_t number) {
    return std::to_string(number);
}

std::string json_of(int number) {
    return std::to_string(number);
}

}  // namespace pinfold::detail
