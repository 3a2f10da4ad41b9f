#pragma once

#include <chrono>
#include <cstddef>
#include <pinfold/shm/descriptor.hpp>
#include <pinfold/shm/mapped_file.hpp>
#include <string>

namespace pinfold::shm {

/// A file that can be mapped: a regular one.
struct OpenedFile {
    Descriptor descriptor;  // above 2: a program may have closed its stdout
    FileIdentity identity;
    std::string path;  // absolute
};

/// Throws what File says.
[[nodiscard]] OpenedFile open_to_read(const std::string& path);

/// The file has `size` elements afterwards, and room for them on the disk. Throws what FileArray
/// says; a file that it made or filled it then removes or empties again. A full disk is tried again
/// until `patience` is over.
[[nodiscard]] OpenedFile open_with_room(const std::string& path, std::size_t size,
                                        std::size_t element_bytes,
                                        std::chrono::milliseconds patience);

/// Opens without waiting, whatever is there. Nothing, and errno, when that fails.
[[nodiscard]] Descriptor open_anything(const char* path, int flags) noexcept;

/// Of what is open. Returns false, and errno, when it is not.
[[nodiscard]] bool identify(int file, FileIdentity& identity) noexcept;

/// Throws std::runtime_error that says what changed unless it is the file that was identified.
void require_unchanged(const OpenedFile& opened, const FileIdentity& expected);

/// Whether both are one file, whatever its content.
[[nodiscard]] bool is_same_file(const FileIdentity& a, const FileIdentity& b) noexcept;

[[noreturn]] void refuse_file(int error, const std::string& path, const std::string& why);

/// What an errno value of mmap() means for a file.
[[nodiscard]] std::string why_not_mapped(int error);

}  // namespace pinfold::shm
