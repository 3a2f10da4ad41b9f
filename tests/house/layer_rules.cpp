#include "layer_rules.hpp"

#include <algorithm>
#include <set>

namespace house {
namespace {

bool means(const std::string& who, const std::string& path, const Folder* layer) {
    const bool in_a_layer = layer != nullptr && layer->is_layer;
    if (who == "layers" || who == "public") {
        return in_a_layer && (who == "layers" || path.starts_with(layer->path + "/include/"));
    }
    return who == "all" || (in_a_layer && who == layer->path);
}

bool may_use(const Folder& user, const std::string& used) {
    return user.uses_any || user.path == used ||
           std::ranges::find(user.uses, used) != user.uses.end();
}

/// The name of the layer in "pinfold/<layer>/...", or "". No layer has pinfold/api.hpp, which the
/// build makes for all of them.
std::string layer_of_public_header(const std::string& include) {
    const std::string start = "pinfold/";
    const std::size_t end = include.find('/', start.size());
    return include.starts_with(start) && end != std::string::npos
               ? include.substr(start.size(), end - start.size())
               : std::string();
}

/// Looks at what one file reaches.
class Look {
  public:
    Look(const Layers& layers, const IncludeGraph& graph, const SourceFile& file)
        : layers_(layers),
          graph_(graph),
          file_(file),
          folder_(folder_of(layers.folders, file.path)),
          part_(folder_of(layers.parts, file.path)) {}

    std::vector<std::string> violations() {
        for (const std::string& include : includes(file_.text)) {
            look_at_text(include);
        }
        if (folder_ != nullptr && !folder_->uses_any) {
            look_at_files({file_.path});
        }
        return std::move(found_);
    }

  private:
    void look_at_text(const std::string& include) {
        for (const Never& never : layers_.nevers) {
            if (means(never.who, file_.path, folder_) && matches(include, never.headers)) {
                found_.push_back(file_.path + " includes " + include + ": " + never.why);
            }
        }
        const std::string layer = layer_of_public_header(include);
        if (folder_ != nullptr && !layer.empty() && !may_use(*folder_, layer)) {
            found_.push_back(file_.path + " includes " + include + ": " + folder_->path +
                             " may not use " + layer);
        }
    }

    /// Goes on through the files that are in no part, and looks at the first of each part.
    void look_at_files(std::vector<std::string> way) {
        const std::string at = way.back();
        for (const std::string& next : graph_.included_by(at)) {
            if (!seen_.insert(next).second) {
                continue;
            }
            way.push_back(next);
            const Folder* const folder = folder_of(layers_.folders, next);
            const Folder* const part = folder_of(layers_.parts, next);
            if (folder != folder_) {
                look_at_folder(way, folder);
            } else if (part == nullptr) {
                look_at_files(way);
            } else if (part_ != nullptr && !may_use(*part_, part->path)) {
                found_.push_back(in_words(way) + ": " + part_->path + " may not use " + part->path);
            }
            way.pop_back();
        }
    }

    /// A layer's public headers are looked at by name; other code has no such name.
    void look_at_folder(const std::vector<std::string>& way, const Folder* folder) {
        if (folder != nullptr && !folder->is_layer && !may_use(*folder_, folder->path)) {
            found_.push_back(in_words(way) + ": " + folder_->path + " may not use " + folder->path);
        }
    }

    const Layers& layers_;
    const IncludeGraph& graph_;
    const SourceFile& file_;
    const Folder* folder_;
    const Folder* part_;
    std::set<std::string> seen_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> violations(const Layers& layers, const std::vector<SourceFile>& files) {
    const IncludeGraph graph(files);
    std::vector<std::string> found;
    for (const SourceFile& file : files) {
        const auto more = Look(layers, graph, file).violations();
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

std::vector<std::string> unknown_places(const Layers& layers,
                                        const std::vector<SourceFile>& files) {
    std::vector<std::string> found;
    for (const SourceFile& file : files) {
        const Folder* const folder = folder_of(layers.folders, file.path);
        if (folder == nullptr) {
            found.push_back(file.path);
            continue;
        }
        const std::string home = file.path.substr(0, file.path.rfind('/'));
        const bool known = home == folder->path || home == folder->path + "/src" ||
                           home.starts_with(folder->path + "/include/pinfold/" + folder->path) ||
                           folder_of(layers.parts, file.path) != nullptr ||
                           file.path == folder->path + "/include/pinfold/pinfold.hpp";
        if (!known && !folder->uses_any) {
            found.push_back(file.path);
        }
    }
    return found;
}

std::vector<std::string> holders(const One& thing, const std::vector<SourceFile>& files) {
    std::vector<std::string> found;
    for (const SourceFile& file : files) {
        const std::vector<std::string> all = includes(file.text);
        const bool includes_it = std::ranges::any_of(
            all, [&](const std::string& include) { return matches(include, thing.headers); });
        if (includes_it || matches(code_only(file.text), thing.code)) {
            found.push_back(file.path);
        }
    }
    return found;
}

}  // namespace house
