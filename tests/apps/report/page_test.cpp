// Pages as texts: what they hold, what they survive. browser_test.py looks at them as pictures.
#include "report/page.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "report/page_text.hpp"
#include "synthetic.hpp"

namespace pinfold::apps {
namespace {

using std::chrono::milliseconds;

/// A directory that goes with its scope.
class Directory {
  public:
    Directory() : path_(testing::TempDir() + "pinfold_page_XXXXXX") {
        EXPECT_NE(mkdtemp(path_.data()), nullptr);
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    [[nodiscard]] std::string text_of(const std::string& name) const {
        std::ifstream file(path_ + "/" + name);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    [[nodiscard]] auto files() const {
        return std::distance(std::filesystem::directory_iterator(path_), {});
    }

  private:
    std::string path_;
};

std::string page_of(const Synthetic& synthetic) {
    const Directory directory;
    write_page(synthetic.study, synthetic.analysis, directory.path());
    EXPECT_EQ(directory.files(), 1) << "something beside the page stays";
    return directory.text_of("index.html");
}

/// Quick to make: nothing is drawn.
std::string text_of(const Synthetic& synthetic) {
    return report::page_text(synthetic.study, synthetic.analysis, {.gnuplot = "no-such-gnuplot"});
}

TEST(Page, HoldsTheCommandThePointsAndHowToReproduce) {
    const std::string page = page_of(synthetic_study({}));
    for (const char* const text :
         {"prime-sum 0 1e11 --method sieve", "processes, cores", "threads, cores", "97.9\u00A0%",
          "Karp-Flatt", "pinfold scale --out ANOTHER_DIRECTORY --again study.json",
          "Imaginary 9000", "What makes the figures doubtful"}) {
        EXPECT_NE(page.find(text), std::string::npos) << text;
    }
    EXPECT_EQ(page.find("not drawn"), std::string::npos) << "gnuplot-nox is needed";
}

TEST(Page, SaysWhatCannotBeTold) {
    Synthetic few = synthetic_study({.samples = 5});
    EXPECT_NE(text_of(few).find("too few samples for an interval"), std::string::npos);
    EXPECT_NE(text_of(synthetic_study({.has_base = false})).find("No speedup can be told"),
              std::string::npos);
    few.study.complete = false;
    EXPECT_NE(text_of(few).find("was interrupted"), std::string::npos);
}

TEST(Page, SaysOnceWhatWasFoundOfSeveralSeries) {
    const std::string page = text_of(synthetic_study({}));
    const std::string finding =
        "The law fits the points within their noise. (processes, cores; threads, cores)";
    EXPECT_NE(page.find(finding), std::string::npos);
}

TEST(Page, LetsNoTextOfTheStudyBecomeMarkup) {
    const Synthetic hostile = kind_named("hostile");
    const std::string page = text_of(hostile);
    for (const char* const text : {"<script", "<img", "onerror=\"", "\x1b", "\xff"}) {
        EXPECT_EQ(page.find(text), std::string::npos) << text;
    }
    EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
    EXPECT_NE(page.find("µs – 日本"), std::string::npos);
}

TEST(Page, LeavesOutDrawingsRatherThanExceed300Kilobytes) {
    const std::string many = page_of(kind_named("many_series"));
    EXPECT_LT(many.size(), 300'000U);
    EXPECT_NE(many.find("with it the page would exceed 300 KB"), std::string::npos);
    const std::string huge = text_of(kind_named("huge"));
    EXPECT_LT(huge.size(), 300'000U) << "331 configurations";
    EXPECT_NE(huge.find("These are the first 120 of 331 rows"), std::string::npos);
}

TEST(Page, HoldsAllNumbersWhereNothingDraws) {
    const std::string page = text_of(synthetic_study({}));
    EXPECT_NE(page.find("not drawn: no-such-gnuplot was not found."), std::string::npos);
    for (const char* const text :
         {"The figure as numbers", "Chunks by their time", "97.9\u00A0%"}) {
        EXPECT_NE(page.find(text), std::string::npos) << text;
    }
}

TEST(Page, AsksAGnuplotThatHangsOnce) {
    const Directory directory;
    const std::string program = directory.path() + "/gnuplot";
    std::ofstream(program) << "#!/bin/sh\necho asked >> '" << directory.path()
                           << "/log'\nexec sleep 1000\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const Synthetic small = synthetic_study({.traced_chunks = 0});
    const std::string page = report::page_text(small.study, small.analysis,
                                               {.gnuplot = program, .patience = milliseconds(500)});
    EXPECT_NE(page.find("did not end within 0.5 s"), std::string::npos);
    EXPECT_EQ(directory.text_of("log"), "asked\n");
}

TEST(Page, ThatCannotBeWrittenNamesItsFileAndLeavesNothing) {
    const Synthetic synthetic = kind_named("empty");
    try {
        write_page(synthetic.study, synthetic.analysis, "/no/such/directory");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const std::system_error& error) {
        EXPECT_STREQ(error.what(),
                     "cannot write '/no/such/directory/index.html': No such file or directory");
    }
    const Directory directory;
    std::filesystem::create_directory(directory.path() + "/index.html");
    EXPECT_THROW(write_page(synthetic.study, synthetic.analysis, directory.path()),
                 std::system_error);
    EXPECT_EQ(directory.files(), 1);
}

}  // namespace
}  // namespace pinfold::apps
