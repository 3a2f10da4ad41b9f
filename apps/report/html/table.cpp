#include "report/html/table.hpp"

#include <algorithm>

namespace pinfold::apps::report {

namespace {

void write_row(Html& html, const std::vector<std::string>& cells) {
    const auto row = html.in("tr");
    for (std::size_t at = 0; at < cells.size(); ++at) {
        if (at == 0) {
            html.element("th", cells[at], {{"scope", "row"}});
        } else {
            html.element("td", cells[at]);
        }
    }
}

void write_rows(Html& html, const Table& table, std::size_t shown) {
    // Whoever uses no mouse scrolls what has the focus.
    const auto box = html.in(
        "div",
        {{"class", "wide"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", table.caption}});
    const auto whole = html.in("table", {{"class", table.is_text ? "words" : "numbers"}});
    {
        const auto head = html.in("thead");
        const auto row = html.in("tr");
        for (const std::string& column : table.columns) {
            html.element("th", column, {{"scope", "col"}});
        }
    }
    const auto body = html.in("tbody");
    for (std::size_t row = 0; row < shown; ++row) {
        write_row(html, table.rows[row]);
    }
}

}  // namespace

void write_table(Html& html, const Table& table) {
    html.element("p", table.caption, {{"class", "caption"}});
    const std::size_t shown = std::min(table.rows.size(), most_rows_of_a_table);
    write_rows(html, table, shown);
    if (shown < table.rows.size()) {
        html.element("p",
                     "These are the first " + std::to_string(shown) + " of " +
                         std::to_string(table.rows.size()) +
                         " rows; study.json and samples.csv beside this page have all.",
                     {{"class", "muted"}});
    }
}

void write_folded_table(Html& html, const std::string& summary, const Table& table) {
    const auto details = html.in("details");
    html.element("summary", summary);
    write_table(html, table);
}

}  // namespace pinfold::apps::report
