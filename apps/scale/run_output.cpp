#include "scale/run_output.hpp"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

#include "json/json_reader.hpp"
#include "shell/sha256.hpp"

namespace pinfold::apps {

namespace {

// A longer value would only fill the study's files.
constexpr std::size_t longest_value = 100;

bool is_report(const JsonReader& json) {
    return json.has("chunks") && json.has("attempts") && json.has("seconds");
}

template <typename T, typename Read>
void take(std::optional<T>& into, const JsonReader& json, const char* member, Read read) {
    if (json.has(member) && !json[member].is_null()) {
        into = (json[member].*read)();
    }
}

void take_report(RunOutput& output, const JsonReader& report) {
    output.has_report = true;
    take(output.job_seconds, report, "seconds", &JsonReader::number);
    take(output.pool_seconds, report, "pool_seconds", &JsonReader::number);
    take(output.arena_bytes, report, "arena_bytes", &JsonReader::number);
    take(output.chunks, report, "chunks", &JsonReader::count);
    take(output.attempts, report, "attempts", &JsonReader::count);
    take(output.deaths, report, "deaths", &JsonReader::count);
    take(output.grain, report, "grain", &JsonReader::count);
    if (!report.has("workers")) {
        return;
    }
    for (const JsonReader& worker : report["workers"].elements()) {
        output.workers.push_back({worker["worker"].integer(), worker["cpu"].integer(),
                                  worker["chunks"].count(), worker["busy_seconds"].number()});
    }
}

/// Nothing where the line has neither a report nor a value, whatever else it is.
std::optional<RunOutput> read_line(std::string_view line) {
    if (!line.starts_with('{') || !line.ends_with('}')) {
        return std::nullopt;
    }
    try {
        const JsonReader json = JsonReader::parse(line, "a run's report");
        const bool inside = json.has("report") && is_report(json["report"]);
        RunOutput output;
        if (inside || is_report(json)) {
            take_report(output, inside ? json["report"] : json);
            take(output.method, json, "method", &JsonReader::text);
        } else if (!json.has("value")) {
            return std::nullopt;
        }
        if (json.has("value")) {
            const JsonReader value = json["value"];
            output.value = value.is_string() ? value.text() : value.dump();
            output.tells_value = true;
        }
        return output;
    } catch (const std::invalid_argument&) {
        return std::nullopt;  // some other program's JSON
    }
}

std::string digest_of(std::string_view text) {
    if (text.size() <= longest_value) {
        return std::string(text);
    }
    Sha256 sha256;
    sha256.update(text);
    return "sha256:" + sha256.finish();
}

std::string_view without_end_of_line(std::string_view text) {
    return text.substr(0, text.find_last_not_of("\r\n") + 1);
}

}  // namespace

RunOutput read_output(std::string_view output, bool cut) {
    RunOutput read;
    std::string rest;
    std::optional<std::string> value;  // of the last line that tells one and is no report
    std::string_view lines = without_end_of_line(output);
    // From the last line back, to the report and a value.
    for (std::size_t end = lines.size(); end > 0 && !read.tells_value;) {
        const std::size_t before = lines.rfind('\n', end - 1);
        const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
        auto told = read_line(lines.substr(begin, end - begin));
        if (told && told->has_report && !read.has_report) {
            read = std::move(*told);
            rest = std::string(lines.substr(0, begin)) + std::string(lines.substr(end));
        } else if (told && !told->has_report && !value) {
            value = std::move(told->value);
        }
        end = begin == 0 ? 0 : begin - 1;
    }
    if (!read.tells_value && value) {
        read.value = std::move(*value);
        read.tells_value = true;
    }
    if (!read.tells_value && !cut) {
        read.value =
            digest_of(without_end_of_line(read.has_report ? std::string_view(rest) : lines));
    } else if (read.tells_value) {
        read.value = digest_of(read.value);
    }
    return read;
}

std::string ValueCheck::take(const Configuration& configuration, const RunOutput& output,
                             const std::string& run) {
    if (output.value.empty()) {
        return "";
    }
    // The serial base of the command under study is the same program as its series.
    const std::string program = configuration.role == Role::crew || configuration.series == "serial"
                                    ? "the command"
                                    : configuration.series;
    const std::string key =
        output.tells_value ? "n=" + configuration.n : program + " n=" + configuration.n;
    Seen& seen = seen_[key];
    ++seen.runs;
    if (seen.runs == 1) {
        seen.teller = output.tells_value ? "" : program;
        seen.value = output.value;
        seen.run = run;
        return "";
    }
    if (seen.useless || seen.value == output.value) {
        return "";
    }
    if (!output.tells_value && seen.runs == 2) {
        seen.useless = true;
        return "";
    }
    const char* const remedy =
        output.tells_value
            ? ". Mend the program that is wrong, and take the study in another directory"
            : ". All that a run prints counts as its value: let it print no time, or "
              "a \"value\" in JSON, and take the study in another directory";
    return fmt::format("runs found different values: '{}' in {}, but '{}' in {}{}", seen.value,
                       seen.run, output.value, run, remedy);
}

std::vector<std::string> ValueCheck::notes() const {
    std::vector<std::string> notes;
    std::set<std::string> tellers;
    for (const auto& [key, seen] : seen_) {
        tellers.insert(seen.teller);
    }
    std::set<std::string> told;
    for (const auto& [key, seen] : seen_) {
        if (seen.teller.empty() || !told.insert(seen.teller).second) {
            continue;
        }
        const std::string name =
            seen.teller == "the command" ? seen.teller : "'" + seen.teller + "'";
        if (seen.useless) {
            notes.push_back(fmt::format(
                "The output of {} differs from run to run, so its runs could not be compared.",
                name));
        } else if (tellers.size() > 1) {
            notes.push_back(
                fmt::format("The output of {} tells no value in JSON, so it was compared "
                            "with that of its own runs alone.",
                            name));
        }
    }
    return notes;
}

}  // namespace pinfold::apps
