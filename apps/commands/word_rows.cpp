#include "commands/word_rows.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace pinfold::apps {

namespace {

/// A cell of CSV, in quotes where RFC 4180 needs them. A word has no line end.
std::string csv_cell(std::string_view word) {
    if (word.find_first_of(",\"") == std::string_view::npos) {
        return std::string(word);
    }
    std::string cell = "\"";
    for (const char c : word) {
        cell.append(c == '"' ? 2 : 1, c);
    }
    return cell + '"';
}

std::string row_of(Format format, Reader reader, const WordCounts::Entry& entry) {
    switch (format) {
        case Format::json:
            return Json::object({{"count", entry.value}, {"word", entry.key}}).dump();
        case Format::csv:
            return fmt::format("{},{}\n", entry.value, csv_cell(entry.key));
        case Format::text:
            break;
    }
    return fmt::format("{:>7} {}\n", entry.value,
                       reader == Reader::terminal ? escaped(entry.key) : std::string(entry.key));
}

}  // namespace

void print_words(Output& output, Format format, Reader reader, const Result& result,
                 const std::vector<WordCounts::Entry>& rows) {
    output.write(table_head(format, result, {"count", "word"}));
    std::string_view between;
    for (const WordCounts::Entry& row : rows) {
        output.write(between);
        output.write(row_of(format, reader, row));
        between = format == Format::json ? "," : "";
    }
    output.write(table_end(format));
}

}  // namespace pinfold::apps
