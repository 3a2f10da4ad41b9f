#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <span>
#include <string>

namespace pinfold::shm {

/// What tells that a file is still the one that was looked at, with the same content as far as its
/// times say. Trivially copyable: it may lie in shared memory.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t changed_ns = 0;  ///< the last change of its content, since 1970

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// Looks at a file that is to be read later. Throws as MappedFile does. Cost: some 5 µs.
[[nodiscard]] PINFOLD_API FileIdentity identify_file(const std::string& path);

/// A file's bytes in this process alone, at an address of its own, until the object ends. It keeps
/// no descriptor. It is for many files that are read one after the other; what workers share for
/// long is a File.
///
///     const std::string path = "/tmp/pinfold_example_mapped." + std::to_string(getpid());
///     std::ofstream(path) << "text";
///     const pinfold::shm::FileIdentity seen = pinfold::shm::identify_file(path);
///     const pinfold::shm::MappedFile file(path, seen);
///     assert(file.bytes().size() == 4 && file.bytes()[0] == std::byte{'t'});
///     unlink(path.c_str());
///
/// If the file becomes shorter meanwhile, reading beyond its new end is SIGBUS.
///
/// Thread-safety: reading. Fork: a child has it too. Cost: some 10 µs, and the pages as they are
/// read. Move-only.
class PINFOLD_API MappedFile {
  public:
    /// No file, with no bytes.
    MappedFile();

    /// Throws std::system_error that names the path when it cannot be opened or mapped;
    /// std::invalid_argument when it is no regular file, or one that has no size, as in /proc. An
    /// empty file has no bytes.
    explicit MappedFile(const std::string& path);

    /// The same, and throws std::runtime_error that names the path and says what changed unless it
    /// is still the file that was identified.
    MappedFile(const std::string& path, const FileIdentity& expected);

    ~MappedFile();
    MappedFile(MappedFile&&) noexcept;
    MappedFile& operator=(MappedFile&&) noexcept;

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

  private:
    struct Region;

    void map(int file, std::size_t bytes, const std::string& path);

    std::unique_ptr<Region> region_;
    std::span<const std::byte> bytes_;
};

}  // namespace pinfold::shm
