#include "report/html/table.hpp"

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

}  // namespace

void write_table(Html& html, const Table& table) {
    html.element("p", table.caption, {{"class", "caption"}});
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
    for (const auto& cells : table.rows) {
        write_row(html, cells);
    }
}

void write_folded_table(Html& html, const std::string& summary, const Table& table) {
    const auto details = html.in("details");
    html.element("summary", summary);
    write_table(html, table);
}

}  // namespace pinfold::apps::report
