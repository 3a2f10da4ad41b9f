#include "source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <stdexcept>

namespace house {
namespace {

namespace fs = std::filesystem;

const fs::path top = PINFOLD_SOURCE_DIR;

SourceFile read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {path.lexically_relative(top).generic_string(),
            std::string(std::istreambuf_iterator<char>(in), {})};
}

bool ends_in_one_of(const fs::path& path, const std::vector<std::string>& endings) {
    const std::string name = path.filename().string();
    return std::any_of(endings.begin(), endings.end(),
                       [&](const std::string& ending) { return name.ends_with(ending); });
}

/// The end of the literal or comment that starts at `from`, or `from` when none does.
std::size_t skipped_to(std::string_view text, std::size_t from) {
    const auto after = [&](std::string_view mark, std::size_t start) {
        const std::size_t found = text.find(mark, start);
        return found == std::string_view::npos ? text.size() : found + mark.size();
    };
    const std::string_view rest = text.substr(from);
    if (rest.starts_with("//")) {
        return std::min(text.find('\n', from), text.size());
    }
    if (rest.starts_with("/*")) {
        return after("*/", from + 2);
    }
    if (rest.starts_with("R\"")) {
        const std::string_view delimiter = rest.substr(2, rest.find('(') - 2);
        return after(")" + std::string(delimiter) + "\"", from);
    }
    // An apostrophe between digits separates them.
    const bool separator = from > 0 && std::isxdigit(static_cast<unsigned char>(text[from - 1]));
    if (rest.starts_with('"') || (rest.starts_with('\'') && !separator)) {
        std::size_t at = from + 1;
        while (at < text.size() && text[at] != text[from]) {
            at += text[at] == '\\' ? 2U : 1U;
        }
        return std::min(at + 1, text.size());
    }
    return from;
}

}  // namespace

std::vector<SourceFile> read_tree(const std::vector<std::string>& places,
                                  const std::vector<std::string>& endings) {
    std::vector<SourceFile> files;
    for (const std::string& place : places) {
        if (fs::is_regular_file(top / place)) {
            files.push_back(read(top / place));
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(top / place)) {
            if (entry.is_regular_file() && ends_in_one_of(entry.path(), endings)) {
                files.push_back(read(entry.path()));
            }
        }
    }
    std::sort(files.begin(), files.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

std::string code_only(std::string_view text) {
    std::string code;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = skipped_to(text, at);
        if (end == at) {
            code.push_back(text[at++]);
            continue;
        }
        for (; at < end; ++at) {
            const bool goes_on = text[at] == '\\' && text.substr(at + 1).starts_with('\n');
            if (text[at] == '\n' || goes_on) {
                code.push_back(text[at]);
            }
        }
    }
    return code;
}

std::vector<std::string> includes(std::string_view text) {
    static const std::regex directive(R"((?:^|\n)[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"])");
    const std::string copy(text);
    std::vector<std::string> found;
    for (std::sregex_iterator it(copy.begin(), copy.end(), directive), end; it != end; ++it) {
        found.push_back((*it)[1]);
    }
    return found;
}

bool matches(const std::string& text, const std::string& pattern) {
    static std::map<std::string, std::regex> compiled;
    const auto it = compiled.try_emplace(pattern, pattern).first;
    return !pattern.empty() && std::regex_search(text, it->second);
}

std::string lines(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all) {
        text += one + '\n';
    }
    return text;
}

}  // namespace house
