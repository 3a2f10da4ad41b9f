#pragma once

// How a text is cut, said a second time and as simply as it can be said: from the begin to the end,
// one character after the other.

#include <string>
#include <string_view>
#include <vector>

namespace pinfold::testing {

using Strings = std::vector<std::string>;

/// Pieces that the delimiter ends; what is left behind the last one is a piece if it is not empty.
inline Strings records_of(std::string_view text, std::string_view delimiter) {
    Strings records;
    std::string now;
    for (std::size_t i = 0; i < text.size();) {
        if (text.substr(i, delimiter.size()) == delimiter) {
            records.push_back(now);
            now.clear();
            i += delimiter.size();
        } else {
            now += text[i];
            ++i;
        }
    }
    const bool is_ended = text.empty() || (now.empty() && !records.empty());
    if (!is_ended) {
        records.push_back(now);
    }
    return records;
}

inline Strings lines_of(std::string_view text) {
    Strings lines = records_of(text, "\n");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool is_ended = i + 1 < lines.size() || text.back() == '\n';
        if (is_ended && lines[i].ends_with('\r')) {
            lines[i].pop_back();
        }
    }
    return lines;
}

inline Strings words_of(std::string_view text, std::string_view separators = " \t\n\v\f\r") {
    Strings words;
    std::string now;
    for (const char c : text) {
        if (separators.find(c) == std::string_view::npos) {
            now += c;
        } else if (!now.empty()) {
            words.push_back(now);
            now.clear();
        }
    }
    if (!now.empty()) {
        words.push_back(now);
    }
    return words;
}

}  // namespace pinfold::testing
