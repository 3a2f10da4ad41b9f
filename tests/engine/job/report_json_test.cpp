// A report as JSON, read back by a library that has no part in writing it.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <pinfold/engine/report_json.hpp>
#include <string>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using nlohmann::json;
using testing::Empty;

json parsed(const JobReport& report) {
    const std::string text = to_json(report);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    return json::parse(text);
}

JobReport full_report() {
    JobReport report;
    report.chunks = std::numeric_limits<std::uint64_t>::max();
    report.restored = 2;
    report.attempts = 3;
    report.deaths = 4;
    report.seconds = 0.1;
    report.pool_seconds = 0.2;
    report.phase_seconds = {1e-9, 12345678.5, 5};
    report.workers = {{.worker = 1, .pid = 42, .cpu = -1, .chunks = 7, .busy_seconds = 1.0 / 3}};
    report.nodes = {{.node = 3,
                     .workers = 2,
                     .local_chunks = 5,
                     .remote_chunks = 1,
                     .local_bytes = 500,
                     .remote_bytes = 100}};
    report.pages = {.asked_bytes = 8192, .placed_bytes = 4096, .refused = "no"};
    report.skipped = {{.chunk = Chunk(Range{10, 20}, 1),
                       .worker = 1,
                       .attempts = 2,
                       .deaths = {{.worker = 3, .pid = 42, .how = "signal 9 (Killed)"}},
                       .exception_type = "std::domain_error",
                       .exception_text = "a \"text\""},
                      {.chunk = Chunk(Range{18446744073709551606U, two_to_64}, 9)}};
    report.journal_lost = "gone";
    report.latest_deaths = {{.worker = 1, .pid = 43, .how = "exit code 3"}};
    return report;
}

TEST(ReportAsJson, HasEachMemberUnderItsName) {
    const JobReport report = full_report();
    const json object = parsed(report);
    EXPECT_EQ(object.size(), 13U);
    EXPECT_EQ(object["chunks"], report.chunks);
    EXPECT_EQ(object["restored"], 2);
    EXPECT_EQ(object["attempts"], 3);
    EXPECT_EQ(object["deaths"], 4);
    EXPECT_EQ(object["seconds"], report.seconds);
    EXPECT_EQ(object["pool_seconds"], report.pool_seconds);
    EXPECT_EQ(object["phase_seconds"], json(report.phase_seconds));
    ASSERT_EQ(object["workers"].size(), 1U);
    EXPECT_EQ(
        object["workers"][0],
        (json{{"worker", 1}, {"pid", 42}, {"cpu", -1}, {"chunks", 7}, {"busy_seconds", 1.0 / 3}}));
    EXPECT_EQ(object["nodes"], json::array({{{"node", 3},
                                             {"workers", 2},
                                             {"local_chunks", 5},
                                             {"remote_chunks", 1},
                                             {"local_bytes", 500},
                                             {"remote_bytes", 100}}}));
    EXPECT_EQ(object["pages"],
              (json{{"asked_bytes", 8192}, {"placed_bytes", 4096}, {"refused", "no"}}));
    ASSERT_EQ(object["skipped"].size(), 2U);
    const json death{{"worker", 3}, {"pid", 42}, {"how", "signal 9 (Killed)"}};
    EXPECT_EQ(object["skipped"][0], (json{{"begin", "10"},
                                          {"end", "20"},
                                          {"index", 1},
                                          {"worker", 1},
                                          {"attempts", 2},
                                          {"deaths", json::array({death})},
                                          {"exception_type", "std::domain_error"},
                                          {"exception_text", "a \"text\""},
                                          {"shrunk_files", json::array()}}));
    EXPECT_EQ(object["skipped"][1]["deaths"], json::array());
    EXPECT_EQ(object["skipped"][1]["begin"], "18446744073709551606");
    EXPECT_EQ(object["skipped"][1]["end"], "18446744073709551616");
    EXPECT_EQ(object["journal_lost"], "gone");
    EXPECT_EQ(object["latest_deaths"],
              json::array({{{"worker", 1}, {"pid", 43}, {"how", "exit code 3"}}}));
}

TEST(ReportAsJson, OfAnEmptyReportHasEmptyArrays) {
    const json object = parsed({});
    EXPECT_EQ(object["workers"], json::array());
    EXPECT_EQ(object["skipped"], json::array());
    EXPECT_EQ(object["phase_seconds"], json::array());
    EXPECT_EQ(object["journal_lost"], "");
}

TEST(ReportAsJson, HasNullForANumberThatIsNotFinite) {
    JobReport report;
    report.seconds = std::nan("");
    report.phase_seconds = {std::numeric_limits<double>::infinity(), -0.0};
    const json object = parsed(report);
    EXPECT_TRUE(object["seconds"].is_null());
    EXPECT_TRUE(object["phase_seconds"][0].is_null());
    EXPECT_EQ(object["phase_seconds"][1], 0);
}

/// What a reader makes of a text in a report.
std::string read_back(const std::string& text) {
    JobReport report;
    report.journal_lost = text;
    return parsed(report)["journal_lost"].get<std::string>();
}

TEST(ReportAsJson, KeepsEachCharacterOfAText) {
    std::string ascii;
    for (int c = 0; c < 128; ++c) {
        ascii += static_cast<char>(c);
    }
    for (const std::string& text :
         {ascii, std::string("a \"quoted\" back\\slash\r\n"), std::string("café"),
          std::string("\xf0\x9f\x90\x91"), std::string("\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"),
          std::string("\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")}) {
        EXPECT_EQ(read_back(text), text);
    }
}

TEST(ReportAsJson, ReplacesBytesThatAreNoCharacter) {
    const std::string mark = "\xef\xbf\xbd";
    for (const std::string bad :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xe2\x82",
          "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
        std::string marks;
        for (std::size_t i = 0; i < bad.size(); ++i) {
            marks += mark;
        }
        EXPECT_EQ(read_back("a" + bad), "a" + marks);
        EXPECT_EQ(read_back(bad + "a"), marks + "a");
    }
}

TEST(ReportAsJson, IsThatOfAJob) {
    Pool pool = testing::make_pool(Crew::threads, 2);
    const auto job = map_reduce(pool, Range{0, 100}, Empty{}, testing::sum_map, std::plus<>{});
    const json object = parsed(job.report);
    EXPECT_EQ(object["chunks"], 100);
    EXPECT_EQ(object["seconds"], job.report.seconds);
    EXPECT_EQ(object["pool_seconds"], job.report.pool_seconds);
    EXPECT_GT(job.report.pool_seconds, 0);
    EXPECT_EQ(object["workers"].size(), job.report.workers.size());
}

}  // namespace
}  // namespace pinfold
