#include "shell/result.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "parsed_json.hpp"
#include "shell/number.hpp"

namespace pinfold::apps {
namespace {

using Parsed = ParsedJson;

/// What `print` writes to an Output.
template <typename Print>
std::string printed(Print print) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    Output output(ends[1]);
    print(output);
    output.finish();
    close(ends[1]);
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = read(ends[0], part.data(), part.size())) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(got));
    }
    close(ends[0]);
    return text;
}

Result sum_result() {
    JobReport report;
    report.chunks = 7;
    report.attempts = 8;
    report.deaths = 1;
    report.phase_seconds = {0.5, 1.5};
    report.workers = {{.worker = 0, .pid = 42, .cpu = 3, .chunks = 7, .busy_seconds = 0.25}};
    report.skipped = {{.chunk = {{10, two_to_64}, 1}}};
    return {"prime-sum",
            {{"begin", "0"}, {"end", "10"}, {"value", "17"}, {"count", 4}},
            report_members({.crew = Crew::processes, .pin = "cores"}, report)};
}

Table squares(std::uint64_t rows) {
    return {{"n", "square"}, rows, [](std::uint64_t row) -> std::vector<Json> {
                return {row, std::to_string(row * row)};
            }};
}

TEST(Result, IsTheValueAloneAsText) {
    EXPECT_EQ(printed([](Output& o) { print_result(o, Format::text, sum_result()); }), "17\n");
}

TEST(Result, IsAHeaderAndALineAsCsv) {
    EXPECT_EQ(printed([](Output& o) { print_result(o, Format::csv, sum_result()); }),
              "begin,end,value,count\n0,10,17,4\n");
}

TEST(Result, IsOneObjectAsJson) {
    const std::string text =
        printed([](Output& o) { print_result(o, Format::json, sum_result()); });
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const Parsed object = Parsed::parse(text);
    EXPECT_EQ(object["command"], "prime-sum");
    EXPECT_EQ(object["value"], "17");
    EXPECT_EQ(object["count"], 4);
    const Parsed report = object["report"];
    EXPECT_EQ(report["crew"], "processes");
    EXPECT_EQ(report["attempts"], 8);
    EXPECT_EQ(report["phase_seconds"], Parsed::parse("[0.5,1.5]"));
    EXPECT_EQ(report["workers"][0]["cpu"], 3);
    EXPECT_EQ(report["skipped"][0]["end"], "18446744073709551616");
}

TEST(Table, HasALineForEachRow) {
    EXPECT_EQ(printed([](Output& o) { print_table(o, Format::text, sum_result(), squares(3)); }),
              "0 0\n1 1\n2 4\n");
    EXPECT_EQ(printed([](Output& o) { print_table(o, Format::csv, sum_result(), squares(3)); }),
              "n,square\n0,0\n1,1\n2,4\n");
}

TEST(Table, IsAnArrayInTheSameObjectAsJson) {
    const Parsed object = Parsed::parse(
        printed([](Output& o) { print_table(o, Format::json, sum_result(), squares(3)); }));
    EXPECT_EQ(object["value"], "17");
    EXPECT_EQ(object["rows"], (Parsed::parse(R"([{"n":0,"square":"0"},{"n":1,"square":"1"},
                                               {"n":2,"square":"4"}])")));
}

TEST(Table, WithoutRowsIsStillWhole) {
    const Parsed object = Parsed::parse(
        printed([](Output& o) { print_table(o, Format::json, sum_result(), squares(0)); }));
    EXPECT_TRUE(object["rows"].is_array());
    EXPECT_TRUE(object["rows"].empty());
}

}  // namespace
}  // namespace pinfold::apps
