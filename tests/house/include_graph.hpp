#pragma once

#include <map>
#include <string>
#include <vector>

#include "source_tree.hpp"

namespace house {

/// Which file of ours includes which.
class IncludeGraph {
  public:
    explicit IncludeGraph(const std::vector<SourceFile>& files);

    /// The files of ours that `path` itself includes.
    [[nodiscard]] const std::vector<std::string>& included_by(const std::string& path) const;

    /// The longest way from a file over what it includes, the file itself first. Throws
    /// std::runtime_error when files include one another in a circle, which it names.
    [[nodiscard]] std::vector<std::string> longest_chain(const std::string& path) const;

  private:
    std::map<std::string, std::vector<std::string>> included_;
};

/// "a.hpp > b.hpp > c.hpp"
std::string in_words(const std::vector<std::string>& chain);

}  // namespace house
