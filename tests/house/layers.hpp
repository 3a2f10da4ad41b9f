#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace house {

/// A layer, a folder of other code or a part of one.
struct Folder {
    std::string path;
    std::vector<std::string> uses;  ///< paths of the folders that it may include besides itself
    bool is_layer = false;
    bool uses_any = false;
};

/// Headers that some files never include.
struct Never {
    std::string who;
    std::string headers;  ///< a regular expression
    std::string why;
};

/// What at most one source, or one header, of all layers includes or says.
struct One {
    std::string thing;
    std::string headers;  ///< a regular expression
    std::string code;     ///< a regular expression
    bool in_a_header = false;
};

/// cmake/layers.txt, which says how to read it.
struct Layers {
    std::vector<Folder> folders;  ///< layers and other code, in order of use
    std::vector<Folder> parts;    ///< in order of use
    std::vector<Never> nevers;
    std::vector<One> ones;

    [[nodiscard]] std::vector<std::string> layer_names() const;
    [[nodiscard]] std::vector<std::string> folder_names() const;
};

/// Throws std::runtime_error, naming the line, for a line that says nothing, a name that stands
/// there twice and a use of what does not stand above.
Layers parse_layers(std::string_view text);

/// The list of this tree.
Layers layers_of_the_tree();

/// The entry whose path is `path` or lies above it, the longest such; nullptr when there is none.
const Folder* folder_of(const std::vector<Folder>& folders, std::string_view path);

}  // namespace house
