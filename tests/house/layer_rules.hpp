#pragma once

#include <string>
#include <vector>

#include "include_graph.hpp"
#include "layers.hpp"
#include "source_tree.hpp"

namespace house {

/// Each include against the list, in words.
std::vector<std::string> violations(const Layers& layers, const std::vector<SourceFile>& files);

/// The files that are in no folder or part that the list names.
std::vector<std::string> unknown_places(const Layers& layers, const std::vector<SourceFile>& files);

/// The files that include a thing or say it, of which there may be one.
std::vector<std::string> holders(const One& thing, const std::vector<SourceFile>& files);

}  // namespace house
