#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace house {

/// One file of the tree.
struct SourceFile {
    std::string path;  ///< from the top of the tree, with forward slashes
    std::string text;
};

/// The files below the given folders, or the given files, whose names end in one of `endings`, in
/// the order of their paths.
std::vector<SourceFile> read_tree(const std::vector<std::string>& places,
                                  const std::vector<std::string>& endings);

/// C++ text with its comments and the contents of its literals taken out; lines stay lines.
std::string code_only(std::string_view text);

/// Whether a part of `text` matches the regular expression; nothing matches an empty one.
bool matches(const std::string& text, const std::string& pattern);

/// One to a line.
std::string lines(const std::vector<std::string>& all);

/// What a C++ file includes, without brackets or quotes.
std::vector<std::string> includes(std::string_view text);

}  // namespace house
