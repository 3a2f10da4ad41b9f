#include "report/html/html.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace pinfold::apps::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// A character that starts with the text's first byte, and how many bytes it has.
struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 1;
};

/// How many bytes the first one says that its character has; 0 where it starts none.
std::size_t announced_bytes(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/// Nothing where the text does not start with UTF-8: an overlong form and half of a pair count so.
std::optional<Character> first_character(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t bytes = announced_bytes(first);
    if (bytes == 0 || bytes > text.size()) {
        return std::nullopt;
    }
    constexpr std::uint32_t payload[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    std::uint32_t code = first & payload[bytes];
    for (std::size_t at = 1; at < bytes; ++at) {
        const auto next = static_cast<unsigned char>(text[at]);
        if ((next & 0xC0) != 0x80) {
            return std::nullopt;
        }
        code = code << 6 | (next & 0x3F);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < smallest[bytes] || is_surrogate || code > 0x10FFFF) {
        return std::nullopt;
    }
    return Character{code, bytes};
}

bool is_allowed(std::uint32_t code) {
    const bool is_control =
        (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
    const bool is_noncharacter = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
    // These turn the reading order of what follows, so that a name could pose as another.
    const bool is_turn = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return !is_control && !is_noncharacter && !is_turn;
}

std::string_view entity_of(std::uint32_t code) {
    switch (code) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::optional<Character> character = first_character(text);
        const std::size_t bytes = character ? character->bytes : 1;
        if (!character || !is_allowed(character->code)) {
            result += replacement;
        } else if (const std::string_view entity = entity_of(character->code); !entity.empty()) {
            result += entity;
        } else {
            result += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    return result;
}

Html::Element Html::in(std::string_view tag, const Attributes& attributes) {
    begin(tag, attributes);
    return {*this, tag};
}

void Html::element(std::string_view tag, std::string_view content, const Attributes& attributes) {
    begin(tag, attributes);
    text(content);
    end(tag);
}

void Html::begin(std::string_view tag, const Attributes& attributes) {
    markup_ += '<';
    markup_ += tag;
    for (const auto& [name, value] : attributes) {
        markup_ += ' ';
        markup_ += name;
        markup_ += "=\"" + escaped(value) + "\"";
    }
    markup_ += '>';
}

void Html::end(std::string_view tag) {
    markup_ += "</";
    markup_ += tag;
    markup_ += '>';
    // A page that people look into, and compare by lines, has lines.
    constexpr std::string_view ends_a_line[] = {"p",  "tr", "li",  "table",   "ul", "h2",
                                                "h3", "dl", "svg", "section", "h1", "figure"};
    if (std::ranges::find(ends_a_line, tag) != std::end(ends_a_line)) {
        markup_ += '\n';
    }
}

}  // namespace pinfold::apps::report
