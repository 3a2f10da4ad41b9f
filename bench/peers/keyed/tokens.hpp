#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bench {

// How the peers read the inputs; the loops over links are pinfold's as well.

/// Bytes of a text that one thread reads in one go.
inline constexpr std::size_t text_chunk = 1 << 20;

/// Where the text's chunk of this number begins: behind the first `end` at or behind its nominal
/// begin, or at the text's own ends.
[[nodiscard]] inline std::size_t chunk_begin(std::string_view text, std::size_t number, char end) {
    const std::size_t nominal = number * text_chunk;
    if (nominal == 0 || nominal >= text.size()) {
        return std::min(nominal, text.size());
    }
    return std::min(text.find(end, nominal - 1), text.size() - 1) + 1;
}

/// Part of the text, cut where a line ends.
[[nodiscard]] inline std::string_view chunk_of(std::string_view text, std::size_t number) {
    const std::size_t begin = chunk_begin(text, number, '\n');
    return text.substr(begin, chunk_begin(text, number + 1, '\n') - begin);
}

[[nodiscard]] inline std::size_t chunks_of(std::string_view text) {
    return (text.size() + text_chunk - 1) / text_chunk;
}

template <typename F>
void for_each_word(std::string_view text, F f) {
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end;) {
        while (at != end && is_space(*at)) {
            ++at;
        }
        const char* const begin = at;
        while (at != end && !is_space(*at)) {
            ++at;
        }
        if (at != begin) {
            f(std::string_view(begin, static_cast<std::size_t>(at - begin)));
        }
    }
}

/// Calls f(address, page) for each link of whole lines.
template <typename F>
void for_each_link(std::string_view lines, F f) {
    constexpr std::string_view opening = "<a href=\"";
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        std::uint32_t page = 0;
        std::from_chars(line.data(), line.data() + line.size(), page);
        for (std::size_t at = line.find('<'); at != line.npos; at = line.find('<', at + 1)) {
            if (line.substr(at).starts_with(opening)) {
                const std::size_t begin = at + opening.size();
                f(line.substr(begin, line.find('"', begin) - begin), page);
            }
        }
    }
}

}  // namespace bench
