#pragma once

#include <cstdint>
#include <pinfold/shm/descriptor.hpp>
#include <string>
#include <vector>

namespace pinfold::apps {

/// What a user named as inputs, as paths that workers may open: files, and copies in memory of what
/// is no file that could be read twice, such as a pipe. `-` is standard input. What is empty has no
/// path here.
///
/// Fork: a copy is found through this process, so it must live as long as workers read.
class InputFiles {
  public:
    /// Throws like MappedFile, of the first that cannot be read.
    explicit InputFiles(const std::vector<std::string>& names);

    [[nodiscard]] const std::vector<std::string>& paths() const noexcept { return paths_; }

    /// Bytes of all of them, as they were found.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    void add(const std::string& name);

    std::vector<std::string> paths_;
    std::vector<shm::Descriptor> kept_;  // of copies, and of standard input, which have no path
    std::uint64_t bytes_ = 0;
};

}  // namespace pinfold::apps
