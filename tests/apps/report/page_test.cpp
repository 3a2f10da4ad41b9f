// Pages as texts: what they hold, what they survive. browser_test.py looks at them as pictures.
#include "report/page.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "synthetic.hpp"

namespace pinfold::apps {
namespace {

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

    [[nodiscard]] std::string page() const {
        std::ifstream file(path_ + "/index.html");
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
    return directory.page();
}

TEST(Page, HoldsTheCommandThePointsAndHowToReproduce) {
    const std::string page = page_of(synthetic_study({}));
    for (const char* const text :
         {"prime-sum 0 1e11 --method sieve", "processes, cores", "threads, cores", "97.9 %",
          "Karp-Flatt", "pinfold scale --again study.json", "Imaginary 9000", "Doubtful:"}) {
        EXPECT_NE(page.find(text), std::string::npos) << text;
    }
}

TEST(Page, SaysWhatCannotBeTold) {
    Synthetic few = synthetic_study({.samples = 5});
    EXPECT_NE(page_of(few).find("too few samples for an interval"), std::string::npos);
    EXPECT_NE(page_of(synthetic_study({.has_base = false})).find("No speedup can be told"),
              std::string::npos);
    few.study.complete = false;
    EXPECT_NE(page_of(few).find("was interrupted"), std::string::npos);
}

TEST(Page, StaysBelow300KilobytesOfAnyStudy) {
    for (const Named& kind : all_kinds()) {
        EXPECT_LT(page_of(kind.synthetic).size(), 300'000U) << kind.name;
    }
}

TEST(Page, LetsNoTextOfTheStudyBecomeMarkup) {
    for (const Named& kind : all_kinds()) {
        const std::string page = page_of(kind.synthetic);
        for (const char* const text : {"<script", "<img", "onerror=\"", "\x1b"}) {
            EXPECT_EQ(page.find(text), std::string::npos) << kind.name << ": " << text;
        }
    }
}

TEST(Page, ThatCannotBeWrittenNamesItsFileAndLeavesNothing) {
    const Synthetic synthetic = synthetic_study({});
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
