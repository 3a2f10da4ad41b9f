#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.hpp"
#include "shell/output.hpp"

namespace pinfold::apps {

enum class Format { text, csv, json };

/// What a job found and how it went.
struct Result {
    std::string_view command;
    Json::Members answer;  ///< texts and numbers; `value` is a text in decimal
    Json::Members report;  ///< see report_members()
};

/// The rows of an answer that is a table. Rows are asked for one at a time, so a long table is
/// never in memory as text.
struct Table {
    std::vector<std::string> columns;
    std::uint64_t rows = 0;
    std::function<std::vector<Json>(std::uint64_t row)> row;  ///< one cell a column
};

/// A report in JSON's terms: the crew, the pinning, the grain of a job that --grain applies to, and
/// what to_json() makes of the JobReport.
[[nodiscard]] Json::Members report_members(const PoolOptions& pool, const JobReport& report,
                                           std::optional<std::uint64_t> grain = std::nullopt);

/// Writes a result: its value alone as text; the answer's members as two lines of CSV; or one JSON
/// object with `command`, the answer's members and `report`. Throws like Output::write().
void print_result(Output& output, Format format, const Result& result);

/// Writes a table: its rows, under a header line in CSV; as JSON the same object as print_result()
/// with `rows` added, an array of objects.
void print_table(Output& output, Format format, const Result& result, const Table& table);

/// What print_table() writes before and behind the rows, for tables whose rows are too many to make
/// cells of: the header line in CSV; in JSON the object up to the `[` of `rows`, and its end.
[[nodiscard]] std::string table_head(Format format, const Result& result,
                                     const std::vector<std::string>& columns);
[[nodiscard]] std::string table_end(Format format);

/// Tells on standard error what a job lost, if anything: a journal that another program removed or
/// cut off, and skipped chunks, without which the value is incomplete.
void warn_of_losses(const JobReport& report);

}  // namespace pinfold::apps
