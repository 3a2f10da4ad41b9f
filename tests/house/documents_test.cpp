// What the documents promise about the tree is so.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>

#include "source_tree.hpp"

namespace house {
namespace {

namespace fs = std::filesystem;

std::vector<SourceFile> documents() {
    return read_tree({"README.md", "CONTRIBUTING.md", "docs"}, {".md"});
}

TEST(Readme, ShowsTheProgramThatIsCompiled) {
    const auto readme = read_tree({"README.md"}, {}).front();
    const auto program = read_tree({"docs/examples/readme.cpp"}, {}).front();
    EXPECT_NE(readme.text.find("```cpp\n" + program.text + "```\n"), std::string::npos)
        << "README.md must hold docs/examples/readme.cpp word for word";
}

TEST(Documents, LinkToFilesThatExist) {
    static const std::regex link(R"(\]\(([^)#:\s]+)(#[^)]*)?\))");
    for (const SourceFile& document : documents()) {
        const fs::path folder = (fs::path(PINFOLD_SOURCE_DIR) / document.path).parent_path();
        const auto& text = document.text;
        for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
            EXPECT_TRUE(fs::exists(folder / (*it)[1].str()))
                << document.path << " links to " << (*it)[1];
        }
    }
}

TEST(Documents, ShowEveryExampleWordForWord) {
    std::string all;
    for (const SourceFile& document : documents()) {
        all += document.text;
    }
    for (const SourceFile& example : read_tree({"docs/examples"}, {".cpp"})) {
        EXPECT_NE(all.find("```cpp\n" + example.text + "```\n"), std::string::npos)
            << "no document holds " << example.path << " as it is";
    }
}

TEST(Reliability, NamesTestsThatExist) {
    static const std::regex test_name("`([A-Z]\\w*)\\.([A-Z]\\w*)`");
    static const std::regex white_space("\\s+");
    std::string tests;
    for (const SourceFile& source : read_tree({"tests"}, {".cpp"})) {
        tests += std::regex_replace(source.text, white_space, " ");
    }
    const std::string text = read_tree({"docs/reliability.md"}, {}).front().text;
    int named = 0;
    for (std::sregex_iterator it(text.begin(), text.end(), test_name), end; it != end; ++it) {
        const std::string signature = "(" + (*it)[1].str() + ", " + (*it)[2].str() + ")";
        EXPECT_NE(tests.find(signature), std::string::npos) << "no test is named " << it->str();
        ++named;
    }
    EXPECT_GT(named, 0);
}

}  // namespace
}  // namespace house
