#include <pinfold/shm/file.hpp>

#include <sys/mman.h>
#include <sys/stat.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <pinfold/shm/file_array.hpp>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "files/file_space.hpp"
#include "files/opened_file.hpp"

namespace pinfold::shm {

namespace {

const FileEntry& entry_of(const detail::FileRecord& record) noexcept {
    return static_cast<const FileEntry&>(record);
}

// Where a file was closed and removed, its room is there once all children have let go of it: they
// do so at once, unless a map is running.
constexpr std::chrono::milliseconds patience_for_room{200};

/// The open file whose bytes are at `address`, and those bytes' place in it; the slot is looked for
/// among all, since this is asked on the way to an error.
struct PlaceInFile {
    std::string path;
    FileIdentity identity;
    std::uint64_t offset = 0;
};
PlaceInFile place_of(const void* address) {
    PlaceInFile place;
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    FileSpace* const space = FileSpace::known_here();
    if (space != nullptr) {
        space->for_each([&](const FileEntry& entry) {
            const auto begin = reinterpret_cast<std::uintptr_t>(entry.data);
            if (at >= begin && at - begin < entry.bytes) {
                place = {entry.path.data(), entry.identity, at - begin};
            }
        });
    }
    return place;
}

std::uint64_t bytes_now(const FileEntry& entry) {
    FileIdentity now;
    if (identify(entry.host_number, now) && is_same_file(now, entry.identity)) {
        return now.bytes;
    }
    struct stat status {};
    const bool is_there = stat(entry.path.data(), &status) == 0 &&
                          status.st_dev == entry.identity.device &&
                          status.st_ino == entry.identity.inode;
    return is_there ? static_cast<std::uint64_t>(status.st_size) : entry.bytes;
}

}  // namespace

namespace detail {

std::byte* map_here(const FileRecord& record) {
    return entry_of(record).space->map_here(entry_of(record));
}

std::string FileOwner::path() const {
    return record_ == nullptr ? std::string() : std::string(entry_of(*record_).path.data());
}

void FileOwner::join() const noexcept {
    if (record_->opener.holds()) {
        record_->owners.fetch_add(1, std::memory_order_relaxed);
    }
}

void FileOwner::leave() noexcept {
    // Acquire and release: whoever unmaps the file has seen what the others did with it.
    if (record_->opener.holds() && record_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        auto& entry = static_cast<FileEntry&>(*record_);
        entry.space->remove(entry);
    }
}

void check_whole_elements(const FileOwner& file, std::size_t element_bytes) {
    const std::size_t bytes = file.record() == nullptr ? 0 : file.record()->bytes;
    if (bytes % element_bytes != 0) {
        throw std::invalid_argument("file " + file.path() + ": has " + std::to_string(bytes) +
                                    " bytes, which is no whole number of elements of " +
                                    std::to_string(element_bytes) + " bytes");
    }
}

FileOwner open_array(const std::string& path, std::size_t size, std::size_t element_bytes) {
    FileSpace& space = FileSpace::of_this_process();
    const auto patience = space.has_closed_any() ? patience_for_room : std::chrono::milliseconds(0);
    return FileOwner(
        space.add(open_with_room(path, size, element_bytes, patience), FileAccess::write));
}

void sync(const FileOwner& file) {
    const FileRecord* const record = file.record();
    if (record != nullptr && record->bytes != 0 &&
        msync(data_of(record), record->bytes, MS_SYNC) != 0) {
        refuse_file(errno, file.path(), "cannot be written to its disk");
    }
}

}  // namespace detail

File::File(const std::string& path)
    : owner_(FileSpace::of_this_process().add(open_to_read(path), FileAccess::read)) {}

bool reserve_file_space() {
    return FileSpace::of_this_process().has_room();
}

void let_go_of_closed_files() noexcept {
    for (FileSpace* space = FileSpace::known_here(); space != nullptr; space = space->before()) {
        space->let_go_of_closed();
    }
}

FileShrank::FileShrank(const ShrunkFile& file)
    : std::runtime_error("file " + file.path + ": shrank from " +
                         std::to_string(file.bytes_opened) + " bytes to " +
                         std::to_string(file.bytes_now)) {}

ClosedFileNotice::ClosedFileNotice(std::function<void()> tell)
    : tell_(std::move(tell)), space_(&FileSpace::of_this_process()) {
    space_->add(this);
}

ClosedFileNotice::~ClosedFileNotice() {
    space_->remove(this);
}

std::vector<ShrunkFile> shrunk_files() {
    std::vector<ShrunkFile> shrunk;
    FileSpace* const space = FileSpace::known_here();
    if (space != nullptr) {
        space->for_each([&](const FileEntry& entry) {
            const std::uint64_t now = bytes_now(entry);
            if (now < entry.bytes) {
                shrunk.push_back({entry.path.data(), entry.bytes, now});
            }
        });
    }
    return shrunk;
}

std::string path_of_file_at(const void* address) {
    return place_of(address).path;
}

bool is_file_handle(const void* address) noexcept {
    for (FileSpace* space = FileSpace::known_here(); space != nullptr; space = space->before()) {
        if (space->holds_entry(address)) {
            return true;
        }
    }
    return false;
}

bool overlap_in_a_file(std::span<const std::byte> a, std::span<const std::byte> b) {
    const PlaceInFile first = place_of(a.data());
    const PlaceInFile second = place_of(b.data());
    return !first.path.empty() && !second.path.empty() &&
           is_same_file(first.identity, second.identity) &&
           first.offset < second.offset + b.size() && second.offset < first.offset + a.size();
}

}  // namespace pinfold::shm
