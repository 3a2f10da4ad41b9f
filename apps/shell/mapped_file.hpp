#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <pinfold/shm/descriptor.hpp>
#include <string>
#include <string_view>

namespace pinfold::apps {

/// A file that can be read at any place: the user's own, or a copy in memory of what a pipe or
/// another stream had up to its end.
struct WholeFile {
    shm::Descriptor descriptor;
    std::size_t bytes = 0;
    bool is_copy = false;
};

/// `path` "-" is standard input. Throws std::invalid_argument that names the path when it cannot be
/// opened or is a directory; std::system_error when a read fails; std::runtime_error when a stream
/// has more bytes than there is free memory.
[[nodiscard]] WholeFile open_whole_file(const std::string& path);

/// A file's bytes in memory: a regular file is mapped, a pipe or another stream is read to its end
/// into memory that has no name and is mapped too.
///
/// Processes that are forked later see the bytes at the same address. A file that gets shorter
/// while it is mapped would end whoever reads there by SIGBUS; instead the bytes read as zeros from
/// there on, and was_cut() is true. That takes a signal handler in each process that reads, so
/// there is at most one such object at a time.
///
/// Thread-safety: the members that are const. Fork: a child that reads the bytes calls
/// watch_for_cuts() first.
class MappedFile {
  public:
    /// Throws like open_whole_file(), and std::system_error when the mapping fails.
    explicit MappedFile(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// "'numbers.txt'" or "standard input".
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Makes reads beyond a cut file's end harmless in this process, as the constructor did in its
    /// own. Throws std::system_error.
    void watch_for_cuts() const;

    /// Throws std::runtime_error if the file has changed since it was opened, as far as its size,
    /// its time of change and this process's reads tell.
    void check_unchanged() const;

  private:
    void map();

    std::string name_;
    shm::Descriptor file_;
    struct stat opened_ {};
    std::string_view text_;
};

/// Whether this process has read beyond the end of a mapped file that was cut.
[[nodiscard]] bool was_cut() noexcept;

}  // namespace pinfold::apps
