// What the documents promise about the tree is so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "layers.hpp"
#include "source_tree.hpp"

namespace house {
namespace {

namespace fs = std::filesystem;

std::vector<SourceFile> documents() {
    return read_tree({"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs"}, {".md"});
}

/// The anchors that a reader's browser makes of a document's headings.
std::set<std::string> anchors(const std::string& text) {
    static const std::regex heading("(?:^|\n)#+ ([^\n]*)");
    std::set<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), heading), end; it != end; ++it) {
        std::string anchor;
        for (const char c : (*it)[1].str()) {
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
                anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            } else if (c == ' ') {
                anchor += '-';
            }
        }
        found.insert(anchor);
    }
    return found;
}

/// The lines of tables that hold a time, such as "2.21 ms", and that scripts/tables has not drawn.
std::vector<std::string> typed_times(const std::string& text) {
    static const std::regex time("[0-9][0-9.,]* (?:ns|µs|ms|s)\\b");
    std::vector<std::string> found;
    std::istringstream lines(text);
    bool drawn = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("<!-- ")) {
            drawn = line.starts_with("<!-- figures:");
        }
        if (!drawn && line.starts_with("|") && std::regex_search(line, time)) {
            found.push_back(line);
        }
    }
    return found;
}

TEST(Readme, ShowsTheProgramThatIsCompiled) {
    const auto readme = read_tree({"README.md"}, {}).front();
    const auto program = read_tree({"apps/examples/readme.cpp"}, {}).front();
    EXPECT_NE(readme.text.find("```cpp\n" + program.text + "```\n"), std::string::npos)
        << "README.md must hold apps/examples/readme.cpp word for word";
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

TEST(Documents, LinkToHeadingsThatExist) {
    static const std::regex link(R"(\]\(([^)#:\s]*)#([^)\s]+)\))");
    for (const SourceFile& document : documents()) {
        const fs::path path(document.path);
        const auto& text = document.text;
        for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
            const std::string file = (*it)[1].str();
            const fs::path target = file.empty() ? path : path.parent_path() / file;
            const auto found = read_tree({target.lexically_normal().string()}, {});
            ASSERT_EQ(found.size(), 1U) << document.path << " links to " << it->str();
            EXPECT_TRUE(anchors(found.front().text).contains((*it)[2].str()))
                << document.path << " links to " << it->str();
        }
    }
}

// That they are what was measured is the test house_figures.
TEST(Documents, DrawTheTimesOfTheirTables) {
    for (const char* const path : {"README.md", "docs/benchmarks.md", "docs/choosing_a_crew.md"}) {
        const std::string text = read_tree({path}, {}).front().text;
        EXPECT_NE(text.find("<!-- figures:"), std::string::npos) << path;
        EXPECT_EQ(typed_times(text), std::vector<std::string>{}) << "in " << path;
    }
}

TEST(Documents, AreCaughtWhenATimeIsTyped) {
    const std::string drawn = "<!-- figures: a_bench\n-->\n| a | 2.1 ms |\n\n<!-- end -->\n";
    EXPECT_EQ(typed_times(drawn + "| b |\n2 ms\n| c | 1,470 µs |\n"),
              std::vector<std::string>{"| c | 1,470 µs |"});
}

TEST(Documents, ShowEveryExampleWordForWord) {
    std::string all;
    for (const SourceFile& document : documents()) {
        all += document.text;
    }
    for (const SourceFile& example : read_tree({"apps/examples"}, {".cpp"})) {
        EXPECT_NE(all.find("```cpp\n" + example.text + "```\n"), std::string::npos)
            << "no document holds " << example.path << " as it is";
    }
}

std::string without_spaces(std::string text) {
    std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
    return text;
}

/// The code in the second column of a line of a table that says something to be compiled.
std::vector<std::string> calls_in_second_column(const std::string& line) {
    static const std::regex second("^\\|[^|]*\\|([^|]*)\\|");
    static const std::regex code("`([^`]*[({][^`]*)`");
    std::vector<std::string> found;
    std::smatch cell;
    if (std::regex_search(line, cell, second)) {
        const std::string text = cell[1].str();
        for (std::sregex_iterator it(text.begin(), text.end(), code), end; it != end; ++it) {
            found.push_back((*it)[1].str());
        }
    }
    return found;
}

// What the program does with them is the test newcomer_exceptions.
TEST(ComingFromPython, ShowsCallsThatAreCompiled) {
    const std::string program =
        without_spaces(read_tree({"tests/newcomer/python/python_calls.cpp"}, {}).front().text);
    std::istringstream lines(read_tree({"docs/coming_from_python.md"}, {}).front().text);
    int calls = 0;
    for (std::string line; std::getline(lines, line);) {
        for (const std::string& call : calls_in_second_column(line)) {
            ++calls;
            EXPECT_TRUE(call.find("...") != std::string::npos ||
                        program.find(without_spaces(call)) != std::string::npos)
                << "tests/newcomer/python/python_calls.cpp does not have: " << call;
        }
    }
    EXPECT_GT(calls, 60);
}

/// The names of the classes in a header whose comments show no example.
std::string without_example(const std::string& header) {
    static const std::regex documented(
        "((?:^ *///[^\n]*\n)+)(?:template[^\n]*\n)?class (\\w+)[^;\n]*\\{", std::regex::multiline);
    std::string names;
    for (std::sregex_iterator it(header.begin(), header.end(), documented), end; it != end; ++it) {
        if ((*it)[1].str().find("///     ") == std::string::npos) {
            names += (*it)[2].str() + " ";
        }
    }
    return names;
}

TEST(PublicHeaders, ShowAnExampleForEachClass) {
    EXPECT_EQ(without_example("/// A thing.\nclass Thing {\n"), "Thing ");
    EXPECT_EQ(without_example("/// A thing.\n///\n///     Thing();\nclass Thing : Base {\n"), "");
    std::vector<std::string> public_folders;
    for (const std::string& layer : layers_of_the_tree().layer_names()) {
        public_folders.push_back(layer + "/include");
    }
    int classes = 0;
    for (const SourceFile& header : read_tree(public_folders, {".hpp"})) {
        if (header.path.find("/detail/") != std::string::npos) {
            continue;  // not for users
        }
        EXPECT_EQ(without_example(header.text), "") << "in " << header.path;
        classes += header.text.find("\nclass ") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(classes, 10);
}

/// What the tables of a text name as `a path`, and what does not exist.
std::vector<std::string> lost_paths(const std::string& text) {
    static const std::regex path("`([\\w.]*[./][\\w./]*)`");
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        for (std::sregex_iterator it(line.begin(), line.end(), path), end; it != end; ++it) {
            if (line.starts_with("|") &&
                !fs::exists(fs::path(PINFOLD_SOURCE_DIR) / (*it)[1].str())) {
                found.push_back((*it)[1]);
            }
        }
    }
    return found;
}

TEST(Architecture, NamesFilesToOpenThatExist) {
    const std::string text = read_tree({"docs/architecture.md"}, {}).front().text;
    const std::size_t table = text.find("\n## To change X, open Y\n");
    ASSERT_NE(table, std::string::npos);
    const std::string rows = text.substr(table, text.find("\n## ", table + 1) - table);
    EXPECT_GT(std::count(rows.begin(), rows.end(), '\n'), 20);
    EXPECT_EQ(lost_paths(rows), std::vector<std::string>{});
}

TEST(Architecture, IsCaughtWhenAFileHasMoved) {
    EXPECT_EQ(
        lost_paths("`moved.cpp`\n| a | `LICENSE`, `tests/house`; `tests/house/moved.cpp` |\n"),
        std::vector<std::string>{"tests/house/moved.cpp"});
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
