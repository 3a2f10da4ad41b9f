// Where a process maps its files. Memory that is mapped after a fork is not in the children, and an
// address that the host chooses then may be taken there. So addresses are reserved before the fork,
// without access, and each process maps a file over them when it first needs it.
//
//     reservation   | open, entries | here   | lock | area ........ file ... file .............
//     in a child    | shared        | its own| zero | its own mappings, at the same addresses
//
//     File ──► FileEntry ──► data in the area
//                  └──────► FileHere ──► which file this process has there
//
// Who may touch what. The host, which made the space, opens and closes: it writes an entry before
// anybody has a pointer to it, and `open` before and after. Each process writes `here`, under its
// own lock, of which a fork's child sees a free one: the kernel wipes the page. A mapping is made
// before its word says so, and is let go of after the word says no, so a child that is born between
// the two believes too little, and maps once more.
//
// What each death does. A process that dies at any step: its mappings end with it, and nobody waits
// for its lock. The host: its files are closed; what children have mapped stays, as do the entries.
//
// A slot's file may be another by the time that a process looks. So its word names the opening, a
// number that is never used twice; and before a process maps anything it lets go of all that is
// closed, since the host may have given those addresses to what it maps now.

#include "files/file_space.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "pages.hpp"

// Present in a program under ThreadSanitizer, which has a place for 1.5 TiB of addresses.
extern "C" void __tsan_init() __attribute__((weak));

namespace pinfold::shm {

namespace {

// As many as anybody wants to have mapped: each costs the host a descriptor, and each process one
// of the 65,530 mappings that it may have. Many files that are read once go without; see
// MappedFile.
constexpr std::size_t most_files = 4096;

constexpr std::size_t gibibyte = std::size_t{1} << 30;

// Of 128 TiB that a process has.
constexpr std::size_t wanted_bytes = 4096 * gibibyte;
constexpr std::size_t wanted_bytes_under_tsan = 64 * gibibyte;

// Less is of no use.
constexpr std::size_t least_bytes = gibibyte / 8;

constexpr int without_memory = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

/// Without access. Where the program locks its future memory, that is taken off again.
void* reserve_addresses(void* at, std::size_t bytes) noexcept {
    const int place = at == nullptr ? 0 : MAP_FIXED;
    void* const start = mmap(at, bytes, PROT_NONE, without_memory | place, -1, 0);
    if (start != MAP_FAILED) {
        munlock(start, bytes);
    }
    return start;
}

/// Where addresses are limited, the rest of the program gets most of them.
std::span<std::byte> reserve_area() noexcept {
    const std::size_t wanted = __tsan_init != nullptr ? wanted_bytes_under_tsan : wanted_bytes;
    for (std::size_t bytes = wanted; bytes >= least_bytes; bytes /= 2) {
        void* const start = reserve_addresses(nullptr, bytes);
        if (start == MAP_FAILED) {
            continue;
        }
        auto* const first = static_cast<std::byte*>(start);
        if (bytes == wanted) {
            return {first, bytes};
        }
        const std::size_t kept = bytes / 4;
        munmap(first + kept, bytes - kept);
        if (kept >= least_bytes) {
            return {first, kept};
        }
        munmap(first, kept);
        break;
    }
    return {};
}

/// Held for some microseconds, and by nobody in a child that was forked meanwhile.
class HereLock {
  public:
    explicit HereLock(std::atomic<std::uint32_t>& word) noexcept : word_(word) {
        while (word_.exchange(1, std::memory_order_acquire) != 0) {
            std::this_thread::yield();
        }
    }
    ~HereLock() { word_.store(0, std::memory_order_release); }
    HereLock(const HereLock&) = delete;
    HereLock& operator=(const HereLock&) = delete;

  private:
    std::atomic<std::uint32_t>& word_;
};

/// Maps over reserved addresses, which stay reserved when that fails. Boost's mapped_region would
/// unmap them at its end, and somebody else's memory could then come to lie there. Returns an errno
/// value. Access comes last; see map_sparsely() in mapping.cpp.
int map_over(std::byte* data, std::size_t bytes, int file, FileAccess access) noexcept {
    if (mmap(data, bytes, PROT_NONE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) {
        const int error = errno;
        reserve_addresses(data, whole_pages(bytes));
        return error;
    }
    munlock(data, bytes);
    const int rights = PROT_READ | (access == FileAccess::write ? PROT_WRITE : 0);
    if (mprotect(data, bytes, rights) != 0) {
        const int error = errno;
        reserve_addresses(data, whole_pages(bytes));
        return error;
    }
    return 0;
}

/// The entry's file at `path`, or nothing and errno.
Descriptor open_if_same(const char* path, const FileEntry& entry) noexcept {
    const int flags = entry.access == FileAccess::write ? O_RDWR : O_RDONLY;
    Descriptor opened = open_anything(path, flags);
    FileIdentity found;
    if (opened.number() >= 0 &&
        (!identify(opened.number(), found) || !is_same_file(found, entry.identity))) {
        opened.reset();
        errno = ESTALE;
    }
    return opened;
}

/// By the host's descriptor; by its path where the program has closed that, or /proc is not there.
Descriptor open_entry(const FileEntry& entry) noexcept {
    std::array<char, 64> held{};
    std::snprintf(held.data(), held.size(), "/proc/%d/fd/%d", entry.host, entry.host_number);
    Descriptor opened = open_if_same(held.data(), entry);
    return opened.number() >= 0 ? std::move(opened) : open_if_same(entry.path.data(), entry);
}

void require_all_bytes(int file, const FileEntry& entry) {
    FileIdentity now;
    if (identify(file, now) && now.bytes < entry.bytes) {
        throw FileShrank({entry.path.data(), entry.bytes, now.bytes});
    }
}

/// Part of the reservation, with memory of zeros: what lies there needs no other construction.
std::byte* take_part(std::byte*& at, std::size_t bytes, int sharing) {
    std::byte* const part = at;
    const std::size_t size = whole_pages(bytes);
    if (mmap(part, size, PROT_NONE, sharing | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
        MAP_FAILED) {
        return nullptr;
    }
    munlock(part, size);
    madvise(part, size, MADV_DONTDUMP);
    if (mprotect(part, size, PROT_READ | PROT_WRITE) != 0) {
        return nullptr;
    }
    at += size;
    return part;
}

std::atomic<FileSpace*> newest_space{nullptr};

}  // namespace

FileSpace& FileSpace::of_this_process() {
    // Without a lock, which a child could have from its parent in the hands of another thread.
    FileSpace* known = newest_space.load(std::memory_order_acquire);
    while (known == nullptr || !known->owner_.holds()) {
        std::unique_ptr<FileSpace> made(new FileSpace(known));
        if (newest_space.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel,
                                                 std::memory_order_acquire)) {
            return *made.release();
        }
    }
    return *known;
}

FileSpace* FileSpace::known_here() noexcept {
    return newest_space.load(std::memory_order_acquire);
}

/// What all processes see.
struct FileSpace::Shared {
    std::atomic<std::uint64_t> closed;                        // how many files were, ever
    std::atomic<std::uint64_t> slots_used;                    // at least once
    std::array<std::atomic<std::uint64_t>, most_files> open;  // what each slot has; 0 for none
    std::array<FileEntry, most_files> entries;
};

/// What each process has for itself.
struct FileSpace::Here {
    std::atomic<std::uint64_t> closed_seen;  // written with the lock
    std::array<FileHere, most_files> files;
};

FileSpace::FileSpace(FileSpace* before)
    : before_(before), owner_(mark_of_this_process()), reserved_(reserve_area()) {
    if (reserved_.empty()) {
        return;
    }
    std::byte* at = reserved_.data();
    auto* const shared = take_part(at, sizeof(Shared), MAP_SHARED);
    auto* const here = take_part(at, sizeof(Here), MAP_PRIVATE);
    auto* const lock = take_part(at, sizeof *lock_, MAP_PRIVATE);
    if (shared == nullptr || here == nullptr || lock == nullptr) {
        return;
    }
    madvise(lock, page_bytes(), MADV_WIPEONFORK);
    shared_ = reinterpret_cast<Shared*>(shared);
    here_ = reinterpret_cast<Here*>(here);
    lock_ = reinterpret_cast<std::atomic<std::uint32_t>*>(lock);
    free_.emplace(at, static_cast<std::size_t>(reserved_.data() + reserved_.size() - at));
}

FileSpace::~FileSpace() {
    if (!reserved_.empty()) {
        munmap(reserved_.data(), reserved_.size());
    }
}

detail::FileRecord* FileSpace::add(OpenedFile opened, FileAccess access) {
    const std::lock_guard lock(mutex_);
    if (!has_room()) {
        refuse_file(ENOMEM, opened.path,
                    "cannot be mapped, since no addresses were reserved for files (ulimit -v may "
                    "be too low)");
    }
    const std::size_t slot = find_slot(opened.path);
    std::byte* const data = take_addresses(opened);
    const std::size_t bytes = opened.identity.bytes;
    const int error = bytes == 0 ? 0 : map_over(data, bytes, opened.descriptor.number(), access);
    if (error != 0) {
        give_back_addresses(data, bytes);
        refuse_file(error, opened.path, why_not_mapped(error));
    }
    take_slot(slot);
    FileEntry& entry = *new (&shared_->entries[slot]) FileEntry;
    entry.mapped_here = &here_->files[slot].opening;
    entry.opening = ++last_opening_;
    entry.data = data;
    entry.bytes = bytes;
    entry.opener = owner_;
    entry.owners.store(1, std::memory_order_relaxed);
    entry.space = this;
    entry.slot = slot;
    entry.access = access;
    entry.identity = opened.identity;
    entry.host = getpid();
    entry.host_number = opened.descriptor.number();
    opened.path.copy(entry.path.data(), entry.path.size() - 1);
    descriptors_[slot] = std::move(opened.descriptor);
    shared_->open[slot].store(entry.opening, std::memory_order_release);
    const HereLock here(*lock_);
    note_mapped(entry);
    return &entry;
}

/// A free one, with all that take_slot() needs to take it without failing.
std::size_t FileSpace::find_slot(const std::string& path) {
    if (!free_slots_.empty()) {
        return free_slots_.back();
    }
    const std::size_t next = descriptors_.size();
    if (next == most_files) {
        refuse_file(EMFILE, path,
                    "cannot be opened beside " + std::to_string(most_files) + " others");
    }
    free_slots_.reserve(next + 1);
    descriptors_.reserve(next + 1);
    return next;
}

void FileSpace::take_slot(std::size_t slot) noexcept {
    if (slot == descriptors_.size()) {
        descriptors_.emplace_back();
        shared_->slots_used.store(descriptors_.size(), std::memory_order_release);
    } else {
        free_slots_.pop_back();
    }
}

// Behind each file a page stays without access: what reads beyond the end does not read another.
std::byte* FileSpace::take_addresses(const OpenedFile& opened) {
    if (opened.identity.bytes == 0) {
        return nullptr;
    }
    const std::size_t bytes = opened.identity.bytes > reserved_.size()
                                  ? reserved_.size()
                                  : whole_pages(opened.identity.bytes) + page_bytes();
    const auto found =
        std::ranges::find_if(free_, [&](const auto& range) { return range.second >= bytes; });
    if (found == free_.end()) {
        refuse_file(ENOMEM, opened.path,
                    "cannot be mapped: its " + std::to_string(opened.identity.bytes) +
                        " bytes find no place in the " + std::to_string(reserved_.size()) +
                        " bytes of addresses for files");
    }
    std::byte* const data = found->first;
    const std::size_t left = found->second - bytes;
    if (left != 0) {
        free_.emplace(data + bytes, left);
    }
    free_.erase(found);
    return data;
}

void FileSpace::give_back_addresses(std::byte* data, std::size_t bytes) noexcept {
    if (bytes == 0) {
        return;
    }
    std::size_t size = whole_pages(bytes) + page_bytes();
    try {
        const auto next = free_.lower_bound(data);
        if (next != free_.end() && data + size == next->first) {
            size += next->second;
            free_.erase(next);
        }
        const auto place = free_.lower_bound(data);
        if (place != free_.begin()) {
            const auto before = std::prev(place);
            if (before->first + before->second == data) {
                before->second += size;
                return;
            }
        }
        free_.emplace(data, size);
    } catch (const std::bad_alloc&) {
        // Then these addresses are not used again.
    }
}

void FileSpace::remove(FileEntry& entry) noexcept {
    const std::lock_guard lock(mutex_);
    const std::size_t slot = entry.slot;
    shared_->open[slot].store(0, std::memory_order_release);
    {
        const HereLock here(*lock_);
        drop(slot);
    }
    // After the store: who sees the count looks at the slots.
    shared_->closed.fetch_add(1, std::memory_order_release);
    give_back_addresses(entry.data, entry.bytes);
    close_if_same(entry);
    entry.~FileEntry();
    free_slots_.push_back(slot);
    for (const ClosedFileNotice* const notice : notices_) {
        notice->tell_();
    }
}

void FileSpace::add(const ClosedFileNotice* notice) {
    const std::lock_guard lock(mutex_);
    notices_.push_back(notice);
}

void FileSpace::remove(const ClosedFileNotice* notice) noexcept {
    if (owner_.holds()) {
        const std::lock_guard lock(mutex_);
        std::erase(notices_, notice);
    }
}

bool FileSpace::has_closed_any() const noexcept {
    return has_room() && shared_->closed.load(std::memory_order_relaxed) != 0;
}

/// The program may have closed the descriptor, and have another file by its number.
void FileSpace::close_if_same(const FileEntry& entry) noexcept {
    Descriptor& descriptor = descriptors_[entry.slot];
    FileIdentity found;
    if (!identify(descriptor.number(), found) || !is_same_file(found, entry.identity)) {
        static_cast<void>(descriptor.release());
    }
    descriptor.reset();
}

std::byte* FileSpace::map_here(const FileEntry& entry) {
    if (entry.bytes == 0) {
        return nullptr;
    }
    const HereLock here(*lock_);
    if (entry.mapped_here->load(std::memory_order_relaxed) == entry.opening) {
        return entry.data;  // another thread was quicker
    }
    drop_closed();
    const Descriptor opened = open_entry(entry);
    if (opened.number() < 0) {
        refuse_file(errno, entry.path.data(),
                    "process " + std::to_string(getpid()) +
                        " cannot open it, neither by the descriptor of process " +
                        std::to_string(entry.host) + " nor by its path");
    }
    require_all_bytes(opened.number(), entry);
    const int error = map_over(entry.data, entry.bytes, opened.number(), entry.access);
    if (error != 0) {
        refuse_file(error, entry.path.data(), why_not_mapped(error));
    }
    note_mapped(entry);
    return entry.data;
}

/// With the lock.
void FileSpace::note_mapped(const FileEntry& entry) noexcept {
    FileHere& here = here_->files[entry.slot];
    here.data = entry.data;
    here.bytes = entry.bytes;
    here.opening.store(entry.opening, std::memory_order_release);  // pairs with data_of()
}

/// With the lock. The word goes first: a child that is born in between maps once more.
void FileSpace::drop(std::size_t slot) noexcept {
    FileHere& here = here_->files[slot];
    here.opening.store(0, std::memory_order_release);
    if (here.bytes != 0) {
        reserve_addresses(here.data, whole_pages(here.bytes));
        here.bytes = 0;
    }
}

/// With the lock.
void FileSpace::drop_closed() noexcept {
    // Before the slots, so that a file that is closed meanwhile is looked for again.
    here_->closed_seen.store(shared_->closed.load(std::memory_order_acquire),
                             std::memory_order_relaxed);
    const std::uint64_t used = shared_->slots_used.load(std::memory_order_acquire);
    for (std::size_t slot = 0; slot < used; ++slot) {
        const std::uint64_t mine = here_->files[slot].opening.load(std::memory_order_relaxed);
        if (mine != 0 && mine != shared_->open[slot].load(std::memory_order_acquire)) {
            drop(slot);
        }
    }
}

void FileSpace::let_go_of_closed() noexcept {
    if (!has_room()) {
        return;
    }
    // A program that closes no file leaves `here` out of memory.
    const std::uint64_t closed = shared_->closed.load(std::memory_order_acquire);
    if (closed == 0 || here_->closed_seen.load(std::memory_order_relaxed) == closed) {
        return;
    }
    const HereLock here(*lock_);
    drop_closed();
}

void FileSpace::for_each(const std::function<void(const FileEntry&)>& use) {
    if (!has_room() || !owner_.holds()) {
        return;
    }
    const std::lock_guard lock(mutex_);
    for (std::size_t slot = 0; slot < descriptors_.size(); ++slot) {
        if (shared_->open[slot].load(std::memory_order_relaxed) != 0) {
            use(shared_->entries[slot]);
        }
    }
}

bool FileSpace::holds_entry(const void* address) const noexcept {
    if (!has_room()) {
        return false;
    }
    const auto* const at = static_cast<const FileEntry*>(address);
    const auto* const first = shared_->entries.data();
    return !std::less<>{}(at, first) && std::less<>{}(at, first + most_files);
}

}  // namespace pinfold::shm
