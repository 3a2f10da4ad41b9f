#include "include_graph.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>

namespace house {
namespace {

using Paths = std::set<std::string>;

/// The file of ours that an include means, or "". As a compiler does, it looks beside the file that
/// includes first; then in the top folder of that file, in which layers keep their private headers
/// under src; then everywhere.
std::string meant(const std::string& include, const std::string& by, const Paths& paths) {
    const std::string folder = by.substr(0, by.rfind('/') + 1);
    const std::string top = by.substr(0, by.find('/') + 1);
    for (const std::string& place : {folder, top + "src/", top, std::string()}) {
        if (paths.contains(place + include)) {
            return place + include;
        }
    }
    const std::string ending = "/" + include;
    const auto found = [&](const std::string& within) {
        const auto it = std::ranges::find_if(paths, [&](const std::string& path) {
            return path.starts_with(within) && path.ends_with(ending);
        });
        return it == paths.end() ? std::string() : *it;
    };
    const std::string in_top = found(top);
    return in_top.empty() ? found("") : in_top;
}

}  // namespace

IncludeGraph::IncludeGraph(const std::vector<SourceFile>& files) {
    Paths paths;
    for (const SourceFile& file : files) {
        paths.insert(file.path);
    }
    for (const SourceFile& file : files) {
        std::vector<std::string>& all = included_[file.path];
        for (const std::string& include : includes(file.text)) {
            const std::string path = meant(include, file.path, paths);
            if (!path.empty()) {
                all.push_back(path);
            }
        }
    }
}

const std::vector<std::string>& IncludeGraph::included_by(const std::string& path) const {
    return included_.at(path);
}

std::vector<std::string> IncludeGraph::longest_chain(const std::string& path) const {
    std::map<std::string, std::vector<std::string>> known;
    std::vector<std::string> way;
    const std::function<std::vector<std::string>(const std::string&)> longest =
        [&](const std::string& at) -> std::vector<std::string> {
        if (const auto it = known.find(at); it != known.end()) {
            return it->second;
        }
        const bool circle = std::ranges::find(way, at) != way.end();
        way.push_back(at);
        if (circle) {
            throw std::runtime_error("a circle: " +
                                     in_words({std::ranges::find(way, at), way.end()}));
        }
        std::vector<std::string> rest;
        for (const std::string& next : included_by(at)) {
            const std::vector<std::string> chain = longest(next);
            rest = chain.size() > rest.size() ? chain : rest;
        }
        way.pop_back();
        rest.insert(rest.begin(), at);
        return known[at] = rest;
    };
    return longest(path);
}

std::string in_words(const std::vector<std::string>& chain) {
    std::string words;
    for (const std::string& path : chain) {
        words += (words.empty() ? "" : " > ") + path;
    }
    return words;
}

}  // namespace house
