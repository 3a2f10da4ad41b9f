// What every public header must say, so that other projects can build with it and with shared
// libraries.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <string>
#include <vector>

#include "layers.hpp"
#include "source_tree.hpp"

namespace house {
namespace {

using Lines = std::vector<std::string>;

std::vector<SourceFile> public_headers() {
    Lines folders = layers_of_the_tree().layer_names();
    for (std::string& folder : folders) {
        folder += "/include";
    }
    return read_tree(folders, {".hpp"});
}

/// A declaration at the level of a namespace: what stands before its ";" or "{", and its braces.
struct Declaration {
    std::string head;
    std::string body;
};

/// Where the brace that opens at `at` is closed.
std::size_t end_of_braces(const std::string& code, std::size_t at) {
    int depth = 0;
    for (; at < code.size(); ++at) {
        depth += code[at] == '{' ? 1 : code[at] == '}' ? -1 : 0;
        if (depth == 0) {
            break;
        }
    }
    return at;
}

std::vector<Declaration> declarations(const std::string& text) {
    const std::string code = std::regex_replace(code_only(text), std::regex("\\s*#[^\n]*"), "");
    std::vector<Declaration> found;
    std::string head;
    int parentheses = 0;
    for (std::size_t at = 0; at < code.size(); ++at) {
        const char c = code[at];
        parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
        const bool opens = c == '{' && parentheses == 0;
        if (opens && matches(head, "^\\s*(inline )?namespace\\b")) {
            head.clear();
        } else if (opens) {
            const std::size_t end = end_of_braces(code, at);
            found.push_back({head, code.substr(at, end - at)});
            at = end;
            head.clear();
        } else if (c == ';' && parentheses == 0) {
            found.push_back({head, ""});
            head.clear();
        } else if ((c != '}' || parentheses > 0) && (!head.empty() || std::isspace(c) == 0)) {
            head += c;
        }
    }
    return found;
}

/// What stands in a type's braces, with "|" for each function's own.
std::string members(const std::string& body) {
    std::string text = body.substr(std::min<std::size_t>(body.size(), 1));
    const std::regex braces("\\{[^{}]*\\}");
    while (std::regex_search(text, braces)) {
        text = std::regex_replace(text, braces, "|");
    }
    return ";" + text;
}

/// Whether a library holds what is declared, so that a shared one must export it.
bool stands_in_the_library(const Declaration& declaration) {
    const std::string& head = declaration.head;
    if (matches(head, "^(template|using|enum|inline|constexpr|friend|static_assert|extern)\\b")) {
        return false;
    }
    if (matches(head, "^(class|struct)\\b")) {
        const bool has_functions =
            matches(members(declaration.body),
                    "[;|][^=;|(]*\\w\\([^=;|]*\\)(\\s*const)?(\\s*noexcept)?(\\s*override)?;");
        return !declaration.body.empty() && (head.starts_with("class") || has_functions);
    }
    return declaration.body.empty() && matches(head, "\\w\\(");
}

Lines unmarked(const std::vector<SourceFile>& files) {
    Lines found;
    for (const SourceFile& file : files) {
        for (const Declaration& declaration : declarations(file.text)) {
            if (stands_in_the_library(declaration) && !matches(declaration.head, "PINFOLD_API ")) {
                found.push_back(file.path + ": " + declaration.head);
            }
        }
    }
    return found;
}

TEST(PublicHeaders, AskForTheLanguageThatTheyNeed) {
    for (const SourceFile& file : public_headers()) {
        const Lines all = includes(file.text);
        EXPECT_TRUE(std::ranges::find(all, "pinfold/api.hpp") != all.end())
            << file.path << " does not include <pinfold/api.hpp>";
    }
}

TEST(PublicHeaders, MarkWhatSharedLibrariesExport) {
    const Lines found = unmarked(public_headers());
    EXPECT_TRUE(found.empty()) << "PINFOLD_API is missing:\n" << lines(found);
}

TEST(PublicHeaders, AreSearchedForWhatALibraryHolds) {
    const std::string text =
        "#pragma once\n#include <a>\nnamespace a::b {\n"
        "class Forward;\nenum class E { a, b };\n// void comment();\n"
        "void function(int x = {});\n[[nodiscard]] int marked_not();\n"
        "PINFOLD_API int marked(E e = {});\ntemplate <typename T>\nvoid in_the_header(T);\n"
        "inline int also() { return 1; }\nstruct Plain { int x = 1; bool f() const { return x; } "
        "};\n"
        "struct Half {\n    int x;\n    int f() const noexcept;\n};\nclass Whole { int x; };\n"
        "class PINFOLD_API Marked { void f(); };\nusing F = void();\nconstexpr int n = f();\n}\n";
    EXPECT_EQ(unmarked({{"a.hpp", text}}),
              (Lines{"a.hpp: void function(int x = {})", "a.hpp: [[nodiscard]] int marked_not()",
                     "a.hpp: struct Half ", "a.hpp: class Whole "}));
}

}  // namespace
}  // namespace house
