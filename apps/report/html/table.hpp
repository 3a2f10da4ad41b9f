#pragma once

#include <string>
#include <vector>

#include "report/html/html.hpp"

namespace pinfold::apps::report {

/// Cells of text; the first of each row names it.
struct Table {
    std::string caption;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    bool is_text = false;  ///< cells are words, which start at the left
};

/// A page stays below 300 KB: of a longer table it has that many rows, and says so.
constexpr std::size_t most_rows_of_a_table = 120;

/// A table in a box of its own, which scrolls where the page is narrower than the table.
void write_table(Html& html, const Table& table);

/// The same behind a line that opens it: a figure's data for those who want or need them as text.
void write_folded_table(Html& html, const std::string& summary, const Table& table);

}  // namespace pinfold::apps::report
