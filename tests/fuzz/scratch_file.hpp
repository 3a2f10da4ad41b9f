#pragma once

#include <filesystem>
#include <string_view>

namespace pinfold::fuzz {

/// A file in memory, for readers that take a path: nothing is left of it, however the program ends.
/// Throws std::system_error when the system refuses.
class ScratchFile {
  public:
    ScratchFile();
    ~ScratchFile();
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    /// Makes `content` the whole content.
    void write(std::string_view content) const;

    /// A path that any open() of this process takes.
    [[nodiscard]] std::filesystem::path path() const;

  private:
    int descriptor_;
};

}  // namespace pinfold::fuzz
