#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <pinfold/api.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace pinfold::shm {

class FileSpace;

// The address space in which a process maps its files, so that its children see each file where it
// does: it is reserved before they are forked, and is the same in all of them. All pools and files
// of a process share it. It takes 4 TiB of addresses, or a part of what there is where they are
// limited, and no memory.

/// Reserves the space if this process has none: children that are forked from now on can read files
/// that are opened later. A Pool does so at its birth. Returns false where the system has no
/// addresses to give (ulimit -v); then files cannot be opened.
///
/// Thread-safety: any. Cost: some 10 µs once in a process.
PINFOLD_API bool reserve_file_space();

/// Unmaps, in this process, files that their opener has closed. No thread may be reading them.
/// Cost: a nanosecond when there is nothing to do.
PINFOLD_API void let_go_of_closed_files() noexcept;

/// Calls a function whenever this process has closed a file, for as long as it lives: those who
/// wait in other processes can then let go of it. The function neither opens nor closes files.
///
///     const std::string path = "/tmp/pinfold_example_closed." + std::to_string(getpid());
///     std::ofstream(path) << "text";
///     int closed = 0;
///     {
///         const pinfold::shm::ClosedFileNotice notice([&] { ++closed; });
///         const pinfold::shm::File file(path);
///     }
///     assert(closed == 1);
///     unlink(path.c_str());
///
/// Thread-safety: any; `tell` is called in the thread that closes the file. Fork: in a child
/// nothing is called.
class PINFOLD_API ClosedFileNotice {
  public:
    explicit ClosedFileNotice(std::function<void()> tell);
    ~ClosedFileNotice();
    ClosedFileNotice(const ClosedFileNotice&) = delete;
    ClosedFileNotice& operator=(const ClosedFileNotice&) = delete;

  private:
    friend class FileSpace;

    const std::function<void()> tell_;
    FileSpace* const space_;
};

/// A file that has fewer bytes now than when it was opened.
struct ShrunkFile {
    std::string path;
    std::uint64_t bytes_opened = 0;
    std::uint64_t bytes_now = 0;
};

/// A process was about to map a file that has become shorter.
///
///     const pinfold::shm::FileShrank error({"/tmp/a", 100, 50});
///     assert(std::string(error.what()) == "file /tmp/a: shrank from 100 bytes to 50");
class PINFOLD_API FileShrank : public std::runtime_error {
  public:
    explicit FileShrank(const ShrunkFile& file);
};

/// Those that this process has open. Cost: a system call a file.
[[nodiscard]] PINFOLD_API std::vector<ShrunkFile> shrunk_files();

/// The path of the file that this process has open and mapped at `address`; empty when none is.
[[nodiscard]] PINFOLD_API std::string path_of_file_at(const void* address);

/// Whether `address` is where a File of this process points: what is there means the same in all
/// its children.
[[nodiscard]] PINFOLD_API bool is_file_handle(const void* address) noexcept;

/// Whether both lie in files that this process has open, and in the same bytes of one.
[[nodiscard]] PINFOLD_API bool overlap_in_a_file(std::span<const std::byte> a,
                                                 std::span<const std::byte> b);

}  // namespace pinfold::shm
