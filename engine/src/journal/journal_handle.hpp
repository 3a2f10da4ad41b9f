#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/shm/descriptor.hpp>

#include "journal/journal_slots.hpp"
#include "process/host_only.hpp"

namespace pinfold::detail {

/// Which file a journal is, whatever its name is by now.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// The file behind a descriptor; errno says why when the result is false.
[[nodiscard]] bool identify(int file, FileIdentity& identity) noexcept;

/// Opens a file, close-on-exec and with a number above 2: where a program closed its stdout, what
/// it prints must not land in a journal. Nothing, and errno, when that fails.
[[nodiscard]] shm::Descriptor open_file(const char* path, int flags) noexcept;

/// A journal's file, open for writing in one process; no child of that process keeps it, nor the
/// lock on it.
///
/// It is a process that runs a user's code, which may close any descriptor and open other files
/// under its number. So each use first looks whether the number still names the journal. Results
/// are written, never stored in a mapping: a file that another program cuts off, or a full disk, is
/// then an error and no deadly signal. Move-only.
class JournalHandle {
  public:
    JournalHandle() = default;
    JournalHandle(shm::Descriptor file, const FileIdentity& identity, std::uint64_t file_bytes,
                  const JournalSlots& slots);

    /// Keeps the result of chunk `index`. Any number of processes may write different chunks, or
    /// the same result of one chunk, at a time. Returns 0 or an errno value: EBADF when the
    /// descriptor is not the journal's any more, ENODATA when the file was cut off, EFBIG when the
    /// process may not write so far into a file (ulimit -f).
    [[nodiscard]] int write(std::uint64_t index, const std::byte* result) const noexcept;

    /// The descriptor's number; negative when there is none, or it is not the journal's any more.
    [[nodiscard]] int number() const noexcept { return file_ ? file_->number() : -1; }
    [[nodiscard]] const FileIdentity& identity() const noexcept { return identity_; }
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }
    [[nodiscard]] const JournalSlots& slots() const noexcept { return slots_; }

  private:
    std::unique_ptr<HostOnly> file_;
    FileIdentity identity_;
    std::uint64_t file_bytes_ = 0;
    JournalSlots slots_;
};

}  // namespace pinfold::detail
