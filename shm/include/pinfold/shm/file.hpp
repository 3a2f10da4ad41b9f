#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace pinfold::shm {

namespace detail {

/// What every process knows of a file that was opened, in memory that all share; see the library's
/// file_space.cpp. Written by the process that opened it, before anybody has a pointer to it.
struct FileRecord {
    /// In each process a word of its own: `opening` once it has the file in its memory.
    const std::atomic<std::uint64_t>* mapped_here = nullptr;
    std::uint64_t opening = 0;  // no other file has the same number
    std::byte* data = nullptr;  // in every process; nullptr of an empty file
    std::size_t bytes = 0;
    ProcessMark opener;
    std::atomic<std::size_t> owners{0};  // counted in the opener alone
};

/// Maps the file in the calling process. Throws std::system_error that names it.
PINFOLD_API std::byte* map_here(const FileRecord& record);

/// Where the file's bytes are, in memory of the calling process from now on. Throws like
/// map_here().
inline std::byte* data_of(const FileRecord* record) {
    if (record == nullptr) {
        return nullptr;
    }
    // Pairs with the release in map_here().
    const bool is_here = record->mapped_here->load(std::memory_order_acquire) == record->opening;
    return is_here ? record->data : map_here(*record);
}

// Who keeps a file open: every copy of its File. It points at the record, and at nothing private to
// a process, so the bytes of a File mean the same in all of them.
class PINFOLD_API FileOwner {
  public:
    FileOwner() = default;

    /// The first owner.
    explicit FileOwner(FileRecord* opened) noexcept : record_(opened) {}
    ~FileOwner() {
        if (record_ != nullptr) {
            leave();
        }
    }
    FileOwner(const FileOwner& other) noexcept : record_(other.record_) {
        if (record_ != nullptr) {
            join();
        }
    }
    FileOwner(FileOwner&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
    FileOwner& operator=(FileOwner other) noexcept {
        std::swap(record_, other.record_);
        return *this;
    }

    [[nodiscard]] const FileRecord* record() const noexcept { return record_; }
    [[nodiscard]] std::string path() const;

  private:
    void join() const noexcept;
    void leave() noexcept;

    FileRecord* record_ = nullptr;
};

/// Throws std::invalid_argument that names the file and both sizes unless it is made of whole
/// elements.
PINFOLD_API void check_whole_elements(const FileOwner& file, std::size_t element_bytes);

}  // namespace detail

/// The content of a File as numbers, or other elements of one size: what File::as() returns. It
/// keeps the file open, as a File does.
///
///     const std::string path = "/tmp/pinfold_example_view." + std::to_string(getpid());
///     std::ofstream(path).write("\1\0\2\0", 4);
///     const auto numbers = pinfold::shm::File(path).as<std::uint16_t>();
///     assert(numbers.size() == 2 && numbers.span()[1] == 2);
///     unlink(path.c_str());
///
/// Everything else is as for File. map_reduce() and the like take it as they take an array.
template <Shareable T>
class FileView {
    static_assert(alignof(T) <= largest_alignment,
                  "the elements of a file are aligned to at most 4096 bytes");

  public:
    FileView() = default;
    explicit FileView(const detail::FileOwner& file) : owner_(file) {
        detail::check_whole_elements(owner_, sizeof(T));
    }

    /// Throws like File::bytes().
    [[nodiscard]] std::span<const T> span() const { return {data(), size()}; }
    [[nodiscard]] const T* data() const {
        return reinterpret_cast<const T*>(detail::data_of(owner_.record()));
    }
    [[nodiscard]] std::size_t size() const noexcept {
        return owner_.record() == nullptr ? 0 : owner_.record()->bytes / sizeof(T);
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::string path() const { return owner_.path(); }
    [[nodiscard]] const detail::FileRecord* record() const noexcept { return owner_.record(); }

  private:
    detail::FileOwner owner_;
};

/// A file's bytes, read in place: they are never copied, and every process sees them at the same
/// address.
///
///     const std::string path = "/tmp/pinfold_example_file." + std::to_string(getpid());
///     std::ofstream(path) << "one\ntwo\n";
///     pinfold::Pool pool;
///     const pinfold::shm::File file = pool.file(path);
///     const auto is_end = [](std::byte b) { return b == std::byte{'\n'}; };
///     const auto lines = pinfold::count_if(pool, file, is_end);
///     assert(lines.value == 2 && file.text().starts_with("one"));
///     unlink(path.c_str());
///
/// Pool::file() opens one for a pool's workers, also after the pool was made: each of them maps the
/// file when it first asks for its bytes. It reaches the file through the process that opened it,
/// so the file may be renamed or removed meanwhile, and another of its name is not taken for it.
///
/// Copies share the file, and a map may capture one by value, or a job hold one. In a map, ask for
/// bytes() once and work on that. A span or a pointer is not captured itself: a worker may not have
/// it yet, so the call refuses it. The mapping and the descriptor of the opener go with its last
/// copy; worker processes let go of theirs when they next work. A copy in a child is a view: it is
/// valid while the opener holds one, and its end changes nothing.
///
/// What changes in the file shows. If it becomes shorter, whoever reads beyond its new end gets
/// SIGBUS: a worker process dies of it, and JobFailed names the file; a program with
/// Crew::threads or Crew::serial ends.
///
/// Thread-safety: all members of one object that does not change; several threads may copy it.
/// Fork: children inherit what is mapped. Cost: bytes(), a nanosecond; the first in each process,
/// some 5 µs; opening, some 10 µs and one descriptor. Pages come in as they are read, from the
/// system's cache or the disk.
class PINFOLD_API File {
  public:
    /// No file, with no bytes.
    File() = default;

    /// Opens it to read. Throws std::system_error that names the path when it cannot be opened or
    /// mapped; std::invalid_argument when it is no regular file, such as a directory or a pipe, or
    /// one that has no size, as in /proc. An empty file is one without bytes.
    explicit File(const std::string& path);

    /// What Pool::file() gave.
    explicit File(detail::FileOwner opened) noexcept : owner_(std::move(opened)) {}

    /// In memory of this process from now on. The first call in a process throws std::system_error
    /// that names the file when it cannot be mapped, FileShrank when it is shorter now than when it
    /// was opened.
    [[nodiscard]] std::span<const std::byte> bytes() const {
        return {detail::data_of(owner_.record()), size()};
    }

    /// The same as characters.
    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(detail::data_of(owner_.record())), size()};
    }

    /// Bytes that it had when it was opened.
    [[nodiscard]] std::size_t size() const noexcept {
        return owner_.record() == nullptr ? 0 : owner_.record()->bytes;
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// The absolute path by which it was opened.
    [[nodiscard]] std::string path() const { return owner_.path(); }

    /// The same file as elements of type T, of which it has a whole number: otherwise throws
    /// std::invalid_argument. File itself is one of std::byte.
    template <Shareable T>
    [[nodiscard]] FileView<T> as() const {
        return FileView<T>(owner_);
    }

    /// What the engine's calls work with.
    [[nodiscard]] const detail::FileRecord* record() const noexcept { return owner_.record(); }

  private:
    detail::FileOwner owner_;
};

template <>
inline constexpr bool is_shared_handle<File> = true;
template <typename T>
inline constexpr bool is_shared_handle<FileView<T>> = true;

}  // namespace pinfold::shm
