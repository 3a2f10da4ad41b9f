// The limits that no file and no folder passes, and how what they limit is measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "functions.hpp"
#include "include_graph.hpp"
#include "layers.hpp"
#include "source_tree.hpp"

namespace house {
namespace {

using Lines = std::vector<std::string>;

constexpr int most_files_of_a_folder = 25;
constexpr std::size_t longest_chain_of_includes = 8;
constexpr int longest_function = 46;

std::vector<SourceFile> all_code() {
    return read_tree(layers_of_the_tree().folder_names(), {".cpp", ".hpp"});
}

/// The folders that hold more than `most` files, with their numbers.
Lines crowded(const std::vector<SourceFile>& files, int most) {
    std::map<std::string, int> files_of;
    for (const SourceFile& file : files) {
        ++files_of[file.path.substr(0, file.path.rfind('/'))];
    }
    Lines found;
    for (const auto& [folder, number] : files_of) {
        if (number > most) {
            found.push_back(folder + " holds " + std::to_string(number) + " files");
        }
    }
    return found;
}

/// The headers whose chains have more than `most` files, unless `reasons` names the header.
Lines long_chains(const std::vector<SourceFile>& files, std::size_t most,
                  const std::string& reasons) {
    const IncludeGraph graph(files);
    Lines found;
    for (const SourceFile& file : files) {
        if (file.path.ends_with(".hpp") && reasons.find(file.path) == std::string::npos) {
            const Lines chain = graph.longest_chain(file.path);
            if (chain.size() > most) {
                found.push_back(in_words(chain));
            }
        }
    }
    return found;
}

Lines long_functions(const std::vector<SourceFile>& files, int most) {
    Lines found;
    for (const SourceFile& file : files) {
        for (const Function& function : functions(file.text)) {
            if (function.lines > most) {
                found.push_back(file.path + ":" + std::to_string(function.first_line) + ": " +
                                std::to_string(function.lines) + " lines: " + function.head);
            }
        }
    }
    return found;
}

/// What docs/architecture.md says below its heading about chains of includes.
std::string reasons_for_long_chains() {
    const std::string text = read_tree({"docs/architecture.md"}, {}).front().text;
    const std::string heading = "\n## Long chains of includes\n";
    const std::size_t from = text.find(heading);
    if (from == std::string::npos) {
        return "";
    }
    return text.substr(from, text.find("\n## ", from + heading.size()) - from);
}

/// The functions of a text, each as "first line, lines: head".
Lines measured(const std::string& text) {
    Lines found;
    for (const Function& function : functions(text)) {
        found.push_back(std::to_string(function.first_line) + ", " +
                        std::to_string(function.lines) + ": " + function.head);
    }
    return found;
}

TEST(Tree, HasNoCrowdedFolder) {
    const Lines found = crowded(all_code(), most_files_of_a_folder);
    EXPECT_TRUE(found.empty()) << lines(found);
}

TEST(Tree, HasNoHeaderWithALongChainOfIncludes) {
    const Lines found =
        long_chains(all_code(), longest_chain_of_includes, reasons_for_long_chains());
    EXPECT_TRUE(found.empty()) << lines(found);
}

TEST(Tree, HasNoLongFunction) {
    const Lines found = long_functions(all_code(), longest_function);
    EXPECT_TRUE(found.empty()) << lines(found);
}

TEST(HardLimits, CountTheFilesRightInAFolder) {
    const std::vector<SourceFile> files{{"a/b/1.cpp", ""}, {"a/b/2.cpp", ""}, {"a/3.cpp", ""}};
    EXPECT_EQ(crowded(files, 1), Lines{"a/b holds 2 files"});
    EXPECT_EQ(crowded(files, 2), Lines{});
}

TEST(HardLimits, FollowIncludesOnTheLongestWay) {
    const std::vector<SourceFile> files{
        {"a/src/1.hpp", "#include \"3.hpp\"\n#include \"2.hpp\"\n#include <vector>\n"},
        {"a/src/2.hpp", "#include <pinfold/b/3.hpp>\n"},
        {"a/src/3.hpp", ""},
        {"b/include/pinfold/b/3.hpp", "#include \"4.hpp\"\n"},
        {"b/src/4.hpp", ""},
    };
    EXPECT_EQ(long_chains(files, 3, ""),
              Lines{"a/src/1.hpp > a/src/2.hpp > b/include/pinfold/b/3.hpp > b/src/4.hpp"});
    EXPECT_EQ(long_chains(files, 4, ""), Lines{});
    EXPECT_EQ(long_chains(files, 3, "`a/src/1.hpp` needs it"), Lines{});
}

TEST(HardLimits, NameACircleOfIncludes) {
    const std::vector<SourceFile> files{{"a/1.hpp", "#include \"2.hpp\"\n"},
                                        {"a/2.hpp", "#include \"3.hpp\"\n"},
                                        {"a/3.hpp", "#include \"2.hpp\"\n"}};
    try {
        long_chains(files, 8, "");
        ADD_FAILURE() << "the circle was not seen";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "a circle: a/2.hpp > a/3.hpp > a/2.hpp");
    }
}

TEST(HardLimits, MeasureAFunctionFromItsSignatureToItsEnd) {
    EXPECT_EQ(measured("int f() { return 1; }"), Lines{"1, 1: int f()"});
    EXPECT_EQ(measured("\n// f\ntemplate <typename T>\nint f(\n    T x) {\n    return x;\n}\n"),
              Lines{"3, 5: template <typename T> int f( T x)"});
    EXPECT_EQ(measured("int f();\n\nint g() {\n    // }\n    return '}';\n\n}\n"),
              Lines{"3, 5: int g()"});
    EXPECT_EQ(measured("TEST(A, B) {\n    const auto f = [] {\n    };\n    if (f()) {\n    }\n}"),
              Lines{"1, 6: TEST(A, B)"});
}

TEST(HardLimits, MeasureFunctionsInNamespacesAndTypes) {
    EXPECT_EQ(
        measured("namespace a::b {\nnamespace {\nclass C final : D<int()> {\n  public:\n"
                 "    void f() const noexcept {\n    }\n    struct alignas(64) E {\n"
                 "        auto g() -> int {\n        }\n    };\n};\n}\n}\nvoid C::h() {\n}"),
        (Lines{"5, 2: void f() const noexcept", "8, 2: auto g() -> int", "14, 2: void C::h()"}));
    EXPECT_EQ(measured("extern \"C\" {\nint f(int) {\n}\n}\nenum class G : int { a, b };\n"),
              Lines{"2, 2: int f(int)"});
}

TEST(HardLimits, TellAFunctionFromAValueInBraces) {
    EXPECT_EQ(measured("std::vector<int> a{1, 2};\nint b[] = {f(1), 2};\nF c = g({1});\n"
                       "alignas(64) std::atomic<int> d{0};\nstd::function<void()> e{nullptr};\n"),
              Lines{});
    EXPECT_EQ(measured("A::A(int x)\n    : a_(x),\n      b_{x},\n      c_{f(x)} {\n    g();\n}"),
              Lines{"1, 6: A::A(int x) : a_(x), b_{x}, c_{f(x)}"});
    EXPECT_EQ(
        measured("template <typename T>\nconcept A = requires(T t) {\n    t();\n};\n"
                 "template <typename T>\n    requires requires { T(); }\nvoid f(T = {}) {\n}"),
        Lines{"5, 4: template <typename T> requires requires { T(); } void f(T = {})"});
}

TEST(HardLimits, MeasureALambdaThatHasAName) {
    EXPECT_EQ(measured("const auto f = [](int x) {\n    return x;\n};\nint g() {\n}\n"),
              (Lines{"1, 3: const auto f = [](int x)", "4, 2: int g()"}));
}

TEST(HardLimits, PassByThePreprocessorsLines) {
    EXPECT_EQ(measured("#define A(x) \\\n    if (x) {\n#pragma B(\"{ \\\n {\")\nint f() {\n}\n"),
              Lines{"5, 2: int f()"});
}

TEST(HardLimits, RefuseBracesThatDoNotMatch) {
    EXPECT_THROW(functions("int f() {"), std::runtime_error);
    EXPECT_THROW(functions("namespace a {"), std::runtime_error);
    EXPECT_THROW(functions("int f() {}\n}"), std::runtime_error);
}

}  // namespace
}  // namespace house
