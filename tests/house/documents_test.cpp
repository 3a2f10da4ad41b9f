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

}  // namespace
}  // namespace house
