#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace pinfold::apps {

using TextRow = std::vector<std::string>;

/// Rows as lines of text, the header first. Each column is as wide as its widest cell, with two
/// spaces before the next. `align` has a '<' for each column that stands to the left and a '>' for
/// each other one; a column beyond it is as its last. No line ends with a space.
[[nodiscard]] inline std::string text_table(const std::vector<TextRow>& rows,
                                            std::string_view align) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const TextRow& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const TextRow& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool to_the_left = align[std::min(i, align.size() - 1)] == '<';
            line += i == 0 ? "" : "  ";
            line += to_the_left ? fmt::format("{:<{}}", row[i], widths[i])
                                : fmt::format("{:>{}}", row[i], widths[i]);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

}  // namespace pinfold::apps
