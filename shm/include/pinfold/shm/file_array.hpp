#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/shm/file.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <string>
#include <utility>

namespace pinfold::shm {

namespace detail {

/// Opens or makes a file of `size` elements to write to. Throws as FileArray says.
[[nodiscard]] PINFOLD_API FileOwner open_array(const std::string& path, std::size_t size,
                                               std::size_t element_bytes);

/// Returns when the disk has what was written. Throws std::system_error that names the file.
PINFOLD_API void sync(const FileOwner& file);

}  // namespace detail

/// A fixed number of elements of type T in a file, for results that are larger than memory or are
/// kept between runs: a map writes to it as to an array of the pool.
///
///     const std::string path = "/tmp/pinfold_example_array." + std::to_string(getpid());
///     pinfold::Pool pool;
///     const auto squares = pool.file_array<std::uint64_t>(path, 1000);
///     pinfold::transform(pool, pinfold::Range{0, 1000}, squares, [](auto k) { return k * k; });
///     squares.sync();  // now the disk has it
///     assert(squares[999] == 998001);
///     unlink(path.c_str());
///
/// The file has the elements' bytes and nothing else, in the machine's own order. A new one, or an
/// empty one, is filled with zeros. Of one that is there, the content is kept, and its size must be
/// the array's. Room on the disk is made first, so a full disk or a quota is an error here, and no
/// SIGBUS later. (A file system that copies what is overwritten, such as btrfs or ZFS, may run full
/// all the same.)
///
/// Who reads it, how its life ends, and what happens if another program shortens it: as for File.
/// What was written is in the file at once, for this machine's processes, and on the disk when the
/// system sees fit, or after sync(). A crash of the machine loses what was not synced.
///
/// Two arrays, or a File, of one file show the same bytes: a call refuses them as its input and its
/// output together. JobOptions::rehearse does not compare what lies in files.
///
/// Thread-safety: elements, those of a plain array; the object, that of a File. Cost: as File, and
/// the file system's time to make room, which for most is not that to write it.
template <Shareable T>
class FileArray {
    static_assert(alignof(T) <= largest_alignment,
                  "the elements of a file are aligned to at most 4096 bytes");

  public:
    /// No file, without elements.
    FileArray() = default;

    /// Opens or makes the file. Throws std::system_error that names the path and the size when it
    /// cannot be opened, made or mapped, when the disk, a quota or ulimit -f has less room;
    /// std::invalid_argument when it has another size, or is no regular file.
    FileArray(const std::string& path, std::size_t size)
        : FileArray(detail::open_array(path, size, sizeof(T))) {}

    /// What open_array() gave.
    explicit FileArray(detail::FileOwner opened) noexcept : owner_(std::move(opened)) {}

    /// In memory of this process from now on; throws like File::bytes().
    [[nodiscard]] std::span<T> span() const { return {data(), size()}; }
    [[nodiscard]] T* data() const { return reinterpret_cast<T*>(detail::data_of(owner_.record())); }
    [[nodiscard]] T* begin() const { return data(); }
    [[nodiscard]] T* end() const { return data() + size(); }

    /// In a loop over many elements, work on a span() that was taken before it.
    [[nodiscard]] T& operator[](std::size_t i) const { return data()[i]; }

    [[nodiscard]] std::size_t size() const noexcept {
        return owner_.record() == nullptr ? 0 : owner_.record()->bytes / sizeof(T);
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::string path() const { return owner_.path(); }

    /// Returns when the disk has all that any process has written. Throws std::system_error that
    /// names the file when the disk cannot take it.
    void sync() const { detail::sync(owner_); }

    /// What the engine's calls work with.
    [[nodiscard]] const detail::FileRecord* record() const noexcept { return owner_.record(); }

  private:
    detail::FileOwner owner_;
};

template <typename T>
inline constexpr bool is_shared_handle<FileArray<T>> = true;

}  // namespace pinfold::shm
