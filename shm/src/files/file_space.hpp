#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <pinfold/shm/file.hpp>
#include <pinfold/shm/file_space.hpp>
#include <pinfold/shm/mapped_file.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <span>
#include <string>
#include <vector>

#include "files/opened_file.hpp"

namespace pinfold::shm {

class FileSpace;

enum class FileAccess { read, write };

/// A file that is open, with all that a process needs to map it.
struct FileEntry : detail::FileRecord {
    FileSpace* space = nullptr;  // at the same address in the opener and its children
    std::size_t slot = 0;
    FileAccess access = FileAccess::read;
    FileIdentity identity;
    pid_t host = 0;
    int host_number = -1;  // of the host's descriptor
    std::array<char, 4096> path{};
};

/// What one process has of a slot's file, in memory of its own.
struct FileHere {
    std::atomic<std::uint64_t> opening{0};  // which file; 0 for none
    std::byte* data = nullptr;
    std::size_t bytes = 0;
};

/// The address space for the files of one process; see file_space.cpp.
class FileSpace {
  public:
    /// That of this process, which is made if there is none. Not one that the process has from its
    /// parent: there the parent opens files.
    static FileSpace& of_this_process();

    /// That of this process, or what it has from its parent, or nullptr.
    static FileSpace* known_here() noexcept;

    ~FileSpace();
    FileSpace(const FileSpace&) = delete;
    FileSpace& operator=(const FileSpace&) = delete;

    /// False where the system has no addresses to give.
    [[nodiscard]] bool has_room() const noexcept { return lock_ != nullptr; }

    /// Of the process that this one was forked from, or nullptr.
    [[nodiscard]] FileSpace* before() const noexcept { return before_; }

    /// Maps an opened file. Throws std::system_error that names it.
    [[nodiscard]] detail::FileRecord* add(OpenedFile opened, FileAccess access);

    /// In the process that opened it, by its last owner.
    void remove(FileEntry& entry) noexcept;

    /// In whichever process; see detail::map_here().
    std::byte* map_here(const FileEntry& entry);

    /// Unmaps what is not open any more.
    void let_go_of_closed() noexcept;

    // See ClosedFileNotice.
    void add(const ClosedFileNotice* notice);
    void remove(const ClosedFileNotice* notice) noexcept;

    /// Whether children may still have to let go of something.
    [[nodiscard]] bool has_closed_any() const noexcept;

    /// Calls `use` for each file that is open, in the process whose space it is.
    void for_each(const std::function<void(const FileEntry&)>& use);

    [[nodiscard]] bool holds_entry(const void* address) const noexcept;

  private:
    struct Shared;
    struct Here;

    explicit FileSpace(FileSpace* before);

    [[nodiscard]] std::size_t find_slot(const std::string& path);
    void take_slot(std::size_t slot) noexcept;
    [[nodiscard]] std::byte* take_addresses(const OpenedFile& opened);
    void give_back_addresses(std::byte* data, std::size_t bytes) noexcept;
    void close_if_same(const FileEntry& entry) noexcept;
    void note_mapped(const FileEntry& entry) noexcept;
    void drop(std::size_t slot) noexcept;
    void drop_closed() noexcept;

    FileSpace* const before_;  // its files may still be read here; and leak checkers find it
    const ProcessMark owner_;
    const std::span<std::byte> reserved_;

    // Parts of the reservation, in this order; behind them the addresses for files.
    Shared* shared_ = nullptr;
    Here* here_ = nullptr;
    std::atomic<std::uint32_t>* lock_ = nullptr;  // of here_

    // Of the owner alone.
    std::mutex mutex_;
    std::map<std::byte*, std::size_t> free_;  // addresses, by where they begin
    std::vector<std::size_t> free_slots_;
    std::vector<Descriptor> descriptors_;  // of the slots that were used
    std::vector<const ClosedFileNotice*> notices_;
    std::uint64_t last_opening_ = 0;
};

}  // namespace pinfold::shm
