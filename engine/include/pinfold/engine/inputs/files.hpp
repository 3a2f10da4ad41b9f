#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/parts.hpp>
#include <pinfold/engine/inputs/text_input.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/file_reader.hpp>
#include <pinfold/shm/index_iterator.hpp>
#include <pinfold/shm/mapped_file.hpp>
#include <pinfold/shm/strings.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfold {

class Pool;

namespace detail {

/// What is known of files, in memory that all workers see.
struct FilesTable {
    shm::StringsSpan paths;
    shm::StringsSpan refusals;  // empty of a file that can be read
    const shm::FileIdentity* identities = nullptr;
    const std::uint64_t* ends = nullptr;  // of each file, one behind the other

    [[nodiscard]] std::size_t size() const noexcept { return paths.size(); }
    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return size() == 0 ? 0 : ends[size() - 1];
    }
};

}  // namespace detail

/// One of Files. Its content is read when it is first asked for, and kept until the object ends.
///
///     const std::string path = "/tmp/pinfold_example_input." + std::to_string(getpid());
///     std::ofstream(path) << "content";
///     pinfold::Pool pool;
///     const auto files = pool.files({path, path + ".missing"});
///     assert(files[0].text() == "content" && files[0].error().empty());
///     assert(files[1].size() == 0 && files[1].error().find("No such file") != std::string::npos);
///     unlink(path.c_str());
///
/// Move-only. Thread-safety: for one thread at a time; each has its own. Cost of the content: some
/// 5 µs and a copy into memory of the process. A file that has no room there is cut, by
/// Lines(files) or the like, or mapped, by Pool::file().
class PINFOLD_API InputFile {
  public:
    InputFile(const detail::FilesTable& files, std::size_t number) noexcept
        : files_(files), number_(number) {}

    /// Its place among the files.
    [[nodiscard]] std::size_t number() const noexcept { return number_; }

    /// The absolute path.
    [[nodiscard]] std::string_view path() const noexcept { return files_.paths[number_]; }

    /// Bytes that it had when the files were looked at; 0 of one that could not be opened.
    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(files_.identities[number_].bytes);
    }

    /// Why it could not be opened when the files were looked at; empty if it could.
    [[nodiscard]] std::string_view error() const noexcept { return files_.refusals[number_]; }

    /// The content. Throws std::system_error that names the file when it cannot be read,
    /// std::invalid_argument when it is no regular file, std::runtime_error when it is not as it
    /// was when the files were looked at: another size, a later change, another file of its name.
    [[nodiscard]] std::string_view text() const;

    /// The same as bytes.
    [[nodiscard]] std::span<const std::byte> bytes() const {
        const std::string_view all = text();
        return std::as_bytes(std::span(all.data(), all.size()));
    }

  private:
    detail::FilesTable files_;
    std::size_t number_;
    mutable std::unique_ptr<char[]> content_;
    mutable bool is_read_ = false;
};

/// The files of a chunk: what a map gets of Files. A range of InputFile.
///
///     pinfold::Pool pool;
///     const auto files = pool.files({"/no/such/file"});
///     const auto bad = pinfold::map_reduce(
///         pool, files,
///         [](const pinfold::FilesSpan& mine) {
///             int count = 0;
///             for (const pinfold::InputFile& file : mine) {
///                 count += file.error().empty() ? 0 : 1;
///             }
///             return count;
///         },
///         std::plus<>{});
///     assert(bad.value == 1);
class PINFOLD_API FilesSpan {
  public:
    using Iterator = shm::IndexIterator<FilesSpan>;

    FilesSpan() = default;
    FilesSpan(const detail::FilesTable& files, std::size_t first, std::size_t size) noexcept
        : files_(files), first_(first), size_(size) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] InputFile operator[](std::size_t i) const noexcept {
        return {files_, first_ + i};
    }
    [[nodiscard]] Iterator begin() const noexcept { return {*this, 0}; }
    [[nodiscard]] Iterator end() const noexcept { return {*this, size_}; }

  private:
    detail::FilesTable files_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

namespace detail {

/// Reads what a chunk has of files, and keeps it.
struct PartsOfFiles {
    template <typename Cut>
    PartsOfFiles(const FilesTable& files, const Chunk& chunk, const Cut& cut) {
        for_each_part({files.ends, files.size()}, chunk.begin, chunk.begin + chunk.size(),
                      [&](const PartPlace& place) { read(files, place, cut); });
    }

    [[nodiscard]] std::span<const TextPart> parts() const noexcept { return parts_; }

  private:
    // Mostly the last piece ends within so many bytes, and a second read is spared.
    static constexpr std::size_t read_ahead = 1024;

    template <typename Cut>
    void read(const FilesTable& files, const PartPlace& place, const Cut& cut) {
        const shm::FileReader file(std::string(files.paths[place.text]),
                                   files.identities[place.text]);
        TextWindow window(file, place.begin, place.end, cut, read_ahead);
        const auto begin = static_cast<std::size_t>(window.begin());
        parts_.push_back({window.text(), place.begin - begin, place.end - begin, begin,
                          place.offset, place.text});
        memory_.push_back(window.release());
    }

    std::vector<TextPart> parts_;
    std::vector<std::unique_ptr<char[]>> memory_;
};

/// What workers have of files, each of them a text.
struct FileTexts {
    static constexpr bool is_copied = true;  // into memory of the worker

    FilesTable files;

    template <typename Cut, typename Next>
    decltype(auto) give_parts(const Cut& cut, const Chunk& chunk, const Next& next) const {
        const PartsOfFiles read(files, chunk, cut);
        return next(read.parts());
    }
};

/// Throws std::runtime_error that says of the first files which could not be opened why.
PINFOLD_API void check_all_opened(const FilesTable& files);

/// Throws std::invalid_argument unless the table lies in the pool's arena.
PINFOLD_API void check_files(const Pool& pool, const FilesTable& files);

/// A chunk of text costs an opened file, so it has at least 256 KiB. Lines of 64 MiB then took 1.1
/// of the time that they take in a mapped file, and with chunks of 4 KiB 2.7 of it.
[[nodiscard]] PINFOLD_API std::uint64_t grain_of_texts(const FilesTable& files,
                                                       std::size_t result_bytes);

struct FileTextsInput {
    using Data = FileTexts;

    FilesTable files;

    [[nodiscard]] std::uint64_t size() const noexcept { return files.bytes(); }
    [[nodiscard]] Data data() const noexcept { return {files}; }
    void check(const Pool& pool) const {
        check_files(pool, files);
        check_all_opened(files);
    }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return grain_of_texts(files, result_bytes);
    }
};

/// What workers have of files as elements.
struct FilesOf {
    using Arguments = Types<const FilesSpan&>;
    static constexpr bool is_copied = true;

    FilesTable files;

    template <typename Next>
    decltype(auto) give(const Chunk& chunk, const Next& next) const {
        return next(FilesSpan(files, static_cast<std::size_t>(chunk.begin),
                              static_cast<std::size_t>(chunk.size())));
    }
};

struct FilesInput {
    using Data = FilesOf;
    using Element = InputFile;

    FilesTable files;
    Range range{0, files.size()};

    [[nodiscard]] Data data() const noexcept { return {files}; }
    void check(const Pool& pool) const { check_files(pool, files); }
    [[nodiscard]] static std::span<const std::byte> bytes() noexcept { return {}; }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return pinfold::default_grain(range, result_bytes);
    }
};

}  // namespace detail

/// Many files as one input. Workers open them, one after the other and only while they read: no
/// file has a descriptor of its own, so there may be a million.
///
///     std::vector<std::string> paths;
///     for (const std::string name : {"a", "b"}) {
///         paths.push_back("/tmp/pinfold_example_" + name + "." + std::to_string(getpid()));
///         std::ofstream(paths.back()) << "file " << name << "\nsecond line\n";
///     }
///     pinfold::Pool pool;
///     const pinfold::Files files = pool.files(paths);
///     const auto lines = pinfold::count_if(pool, pinfold::Lines(files),
///                                          [](std::string_view) { return true; });
///     assert(lines.value == 4);
///     const auto largest = pinfold::max_element(
///         pool, files, [](const pinfold::InputFile& file) { return file.text().size(); });
///     assert(largest.value->value == 19);
///     for (const std::string& path : paths) {
///         unlink(path.c_str());
///     }
///
/// As an input of map_reduce() and the like the elements are the files: functions of elements get a
/// `const InputFile&`, a map of a chunk a FilesSpan; the grain counts files. A file that cannot be
/// read is one that throws when its text is asked for: a map that catches that makes a result of
/// it.
///
/// Lines(files), Words and Records cut the texts of all files. The chunks are then ranges of the
/// bytes of all of them, one behind the other in the order of the paths; a large file is of many
/// chunks, a chunk may have many small files. No line goes on in the next file. `place_of(line)`
/// says which file a line is of. Such a job throws std::runtime_error at once that names files
/// which could not be opened; readable() leaves them out.
///
/// All files are looked at when this is made: whether they can be opened, and which sizes and times
/// they have. One that is not the same when a worker opens it is an error that names it, and so is
/// one that shrinks while it is read: nothing is mapped, so there is no SIGBUS, on any crew.
///
/// Copies share what is known of the files; a map may capture one by value. Thread-safety and fork:
/// those of an Array. Memory: some 100 bytes a file and its path, in the arena; in a worker, the
/// bytes of a chunk. Cost: some 5 µs a file to look at, and about as much each time it is opened.
class PINFOLD_API Files {
  public:
    Files() = default;

    /// Looks at each of them. A path may be relative to the current directory. Throws like Array; a
    /// file that cannot be opened is no error here.
    Files(const std::shared_ptr<shm::Arena>& arena, const std::vector<std::string>& paths);

    [[nodiscard]] std::size_t size() const noexcept { return paths_.size(); }
    [[nodiscard]] bool empty() const noexcept { return paths_.empty(); }
    [[nodiscard]] InputFile operator[](std::size_t k) const noexcept { return {table(), k}; }
    [[nodiscard]] FilesSpan span() const noexcept { return {table(), 0, size()}; }
    [[nodiscard]] FilesSpan::Iterator begin() const noexcept { return span().begin(); }
    [[nodiscard]] FilesSpan::Iterator end() const noexcept { return span().end(); }

    /// Bytes of all of them.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return table().bytes(); }

    /// Those that could be opened, looked at anew.
    [[nodiscard]] Files readable(const std::shared_ptr<shm::Arena>& arena) const;

    /// Not for users: what calls make of it.
    [[nodiscard]] detail::FilesInput input() const noexcept { return {table()}; }
    [[nodiscard]] detail::FileTextsInput text_input() const noexcept { return {table()}; }

  private:
    [[nodiscard]] detail::FilesTable table() const noexcept {
        return {paths_.span(), refusals_.span(), identities_.data(), ends_.data()};
    }

    shm::Strings paths_;
    shm::Strings refusals_;
    shm::Array<shm::FileIdentity> identities_;
    shm::Array<std::uint64_t> ends_;
};

template <>
inline constexpr bool shm::is_shared_handle<Files> = true;

}  // namespace pinfold
