#include "layers.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "source_tree.hpp"

namespace house {
namespace {

bool has(const std::vector<Folder>& folders, const std::string& path) {
    return std::ranges::find(folders, path, &Folder::path) != folders.end();
}

/// Reads "PATH : USED..."; a part names what lies beside it.
Folder folder_from(std::istringstream& words, const std::vector<Folder>& above, bool is_part) {
    Folder folder;
    std::string colon;
    if (!(words >> folder.path) || (words >> colon && colon != ":")) {
        throw std::runtime_error("it is not NAME : USED...");
    }
    if (has(above, folder.path)) {
        throw std::runtime_error(folder.path + " stands there twice");
    }
    const std::size_t slash = folder.path.find("/src/");
    const std::size_t beside =
        slash == std::string::npos ? folder.path.find('/') + 1 : slash + std::size_t{5};
    for (std::string used; words >> used;) {
        if (used == "any") {
            folder.uses_any = true;
            continue;
        }
        const std::string path = is_part ? folder.path.substr(0, beside) + used : used;
        if (!has(above, path)) {
            throw std::runtime_error(path + " does not stand above it");
        }
        folder.uses.push_back(path);
    }
    return folder;
}

void read_line(const std::string& line, Layers& layers) {
    std::istringstream words(line);
    std::string keyword;
    words >> keyword;
    if (keyword == "layer" || keyword == "code") {
        layers.folders.push_back(folder_from(words, layers.folders, false));
        layers.folders.back().is_layer = keyword == "layer";
    } else if (keyword == "part") {
        layers.parts.push_back(folder_from(words, layers.parts, true));
        if (folder_of(layers.folders, layers.parts.back().path) == nullptr) {
            throw std::runtime_error("it is part of nothing that stands above it");
        }
    } else if (keyword == "never") {
        Never never;
        words >> never.who >> never.headers;
        std::getline(words >> std::ws, never.why);
        layers.nevers.push_back(never);
    } else if (keyword == "one" || keyword == "one_header") {
        One one;
        one.in_a_header = keyword == "one_header";
        words >> one.thing >> one.headers >> one.code;
        layers.ones.push_back(one);
    } else {
        throw std::runtime_error("nothing begins with " + keyword);
    }
    if (keyword == "never" || keyword.starts_with("one")) {
        if (!words) {
            throw std::runtime_error("it ends too early");
        }
    }
}

std::vector<std::string> names(const std::vector<Folder>& folders, bool layers_alone) {
    std::vector<std::string> found;
    for (const Folder& folder : folders) {
        if (folder.is_layer || !layers_alone) {
            found.push_back(folder.path);
        }
    }
    return found;
}

}  // namespace

std::vector<std::string> Layers::layer_names() const {
    return names(folders, true);
}

std::vector<std::string> Layers::folder_names() const {
    return names(folders, false);
}

Layers parse_layers(std::string_view text) {
    Layers layers;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        try {
            read_line(line, layers);
        } catch (const std::runtime_error& error) {
            throw std::runtime_error("\"" + line + "\": " + error.what());
        }
    }
    return layers;
}

Layers layers_of_the_tree() {
    return parse_layers(read_tree({"cmake/layers.txt"}, {}).front().text);
}

const Folder* folder_of(const std::vector<Folder>& folders, std::string_view path) {
    const Folder* best = nullptr;
    for (const Folder& folder : folders) {
        const bool holds = path.starts_with(folder.path) &&
                           (path.size() == folder.path.size() || path[folder.path.size()] == '/');
        if (holds && (best == nullptr || best->path.size() < folder.path.size())) {
            best = &folder;
        }
    }
    return best;
}

}  // namespace house
