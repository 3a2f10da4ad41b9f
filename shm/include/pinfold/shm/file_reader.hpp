#pragma once

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/descriptor.hpp>
#include <pinfold/shm/mapped_file.hpp>
#include <span>
#include <string>

namespace pinfold::shm {

/// Reads a file that was looked at before, without mapping it: what happens to the file meanwhile
/// is an exception and no SIGBUS.
///
///     const std::string path = "/tmp/pinfold_example_reader." + std::to_string(getpid());
///     std::ofstream(path) << "some text";
///     const pinfold::shm::FileReader file(path, pinfold::shm::identify_file(path));
///     std::array<char, 4> text;
///     file.read(5, text);
///     assert(text[0] == 't' && text[3] == 't');
///     unlink(path.c_str());
///
/// Thread-safety: read(). Cost: opening, some 5 µs and a descriptor while it lives; reading, a
/// system call and a copy.
class PINFOLD_API FileReader {
  public:
    /// Throws std::system_error that names the path when it cannot be opened, std::invalid_argument
    /// when it is no regular file, and std::runtime_error that names it and says what changed
    /// unless it is still the file that was identified.
    FileReader(const std::string& path, const FileIdentity& expected);

    [[nodiscard]] std::uint64_t size() const noexcept { return bytes_; }

    /// Fills `to` from byte `offset` on. Throws std::system_error for what the system or the disk
    /// refuses, std::runtime_error when the file has become shorter than that. Both name the file.
    void read(std::uint64_t offset, std::span<char> to) const;

  private:
    std::string path_;
    Descriptor descriptor_;
    std::uint64_t bytes_ = 0;
};

}  // namespace pinfold::shm
