#include "shell/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <pinfold/engine/report_json.hpp>

#include "shell/number.hpp"

namespace pinfold::apps {

namespace {

/// One or more cells. Ours hold digits and plain words only, so CSV needs no quotes.
std::string line(const std::vector<std::string>& cells, char separator) {
    std::string text;
    for (const std::string& cell : cells) {
        text += cell;
        text += separator;
    }
    text.back() = '\n';
    return text;
}

std::string row_line(const Table& table, std::uint64_t row, char separator) {
    std::vector<std::string> cells;
    for (const Json& cell : table.row(row)) {
        cells.push_back(cell.cell());
    }
    return line(cells, separator);
}

Json row_json(const Table& table, std::uint64_t row) {
    Json::Members members;
    std::size_t column = 0;
    for (Json& cell : table.row(row)) {
        members.emplace_back(table.columns[column++], std::move(cell));
    }
    return Json::object(members);
}

std::string result_json(const Result& result) {
    Json::Members members{{"command", result.command}};
    members.insert(members.end(), result.answer.begin(), result.answer.end());
    members.emplace_back("report", Json::object(result.report));
    return Json::object(members).dump();
}

std::string reason_of(const ChunkFailure& failure) {
    if (failure.exception_type.empty() && !failure.deaths.empty()) {
        return failure.deaths.back().how;
    }
    return failure.exception_type + ": " + failure.exception_text;
}

const Json& value_of(const Result& result) {
    return std::ranges::find(result.answer, "value", &Json::Members::value_type::first)->second;
}

}  // namespace

Json::Members report_members(const PoolOptions& pool, const JobReport& report,
                             std::optional<std::uint64_t> grain) {
    Json::Members members{{"crew", to_string(pool.crew)}, {"pin", pool.pin}};
    if (grain) {
        members.emplace_back("grain", *grain);
    }
    std::ranges::move(Json::members_of(to_json(report)), std::back_inserter(members));
    return members;
}

void print_result(Output& output, Format format, const Result& result) {
    switch (format) {
        case Format::text:
            output.write(value_of(result).cell() + "\n");
            return;
        case Format::json:
            output.write(result_json(result) + "\n");
            return;
        case Format::csv:
            break;
    }
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const auto& [name, value] : result.answer) {
        names.push_back(name);
        values.push_back(value.cell());
    }
    output.write(line(names, ',') + line(values, ','));
}

std::string table_head(Format format, const Result& result,
                       const std::vector<std::string>& columns) {
    switch (format) {
        case Format::text:
            return "";
        case Format::csv:
            return line(columns, ',');
        case Format::json:
            break;
    }
    // The rows go into the object by hand, before its closing brace: they may be too many to build
    // them all first.
    std::string object = result_json(result);
    object.pop_back();
    return object + R"(,"rows":[)";
}

std::string table_end(Format format) {
    return format == Format::json ? "]}\n" : "";
}

void print_table(Output& output, Format format, const Result& result, const Table& table) {
    output.write(table_head(format, result, table.columns));
    for (std::uint64_t row = 0; row < table.rows; ++row) {
        if (format == Format::json) {
            output.write((row == 0 ? "" : ",") + row_json(table, row).dump());
        } else {
            output.write(row_line(table, row, format == Format::csv ? ',' : ' '));
        }
    }
    output.write(table_end(format));
}

void warn_of_losses(const JobReport& report) {
    if (!report.journal_lost.empty()) {
        print_error("the journal does not hold all that was done: " + report.journal_lost);
    }
    if (!report.skipped.empty()) {
        const ChunkFailure& first = report.skipped.front();
        print_error(
            fmt::format("the value is incomplete: {} of {} chunks were skipped, the first is "
                        "[{}, {}): {}; --json lists them all",
                        report.skipped.size(), report.chunks, first.chunk.begin,
                        to_decimal(first.chunk.end), reason_of(first)));
    }
}

}  // namespace pinfold::apps
