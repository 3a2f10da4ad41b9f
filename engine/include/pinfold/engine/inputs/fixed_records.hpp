#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/inputs/text_input.hpp>
#include <pinfold/shm/index_iterator.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace pinfold {

/// The records of a chunk, each of the same number of bytes, as std::string_view.
///
///     const pinfold::FixedRecordsSpan records("abcdef", 2, 3);
///     assert(records.size() == 3 && records[2] == "ef");
class PINFOLD_API FixedRecordsSpan {
  public:
    using Iterator = shm::IndexIterator<FixedRecordsSpan>;

    FixedRecordsSpan() = default;
    FixedRecordsSpan(const char* data, std::size_t record_bytes, std::size_t size) noexcept
        : data_(data), record_bytes_(record_bytes), size_(size) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return {data_ + i * record_bytes_, record_bytes_};
    }
    [[nodiscard]] Iterator begin() const noexcept { return {*this, 0}; }
    [[nodiscard]] Iterator end() const noexcept { return {*this, size_}; }

  private:
    const char* data_ = nullptr;
    std::size_t record_bytes_ = 0;
    std::size_t size_ = 0;
};

namespace detail {

template <typename Data>
struct FixedRecordsOf {
    using Arguments = Types<const FixedRecordsSpan&>;

    Data data;  // of the bytes
    std::size_t record_bytes;

    template <typename Next>
    decltype(auto) give(const Chunk& chunk, const Next& next) const {
        const Chunk bytes(chunk.begin * record_bytes, chunk.size() * record_bytes, chunk.index);
        return data.give(bytes, [&](const auto& all) -> decltype(auto) {
            return next(FixedRecordsSpan(reinterpret_cast<const char*>(all.data()), record_bytes,
                                         static_cast<std::size_t>(chunk.size())));
        });
    }
};

template <typename In>
struct FixedRecordsInput {
    using Data = FixedRecordsOf<typename In::Data>;
    using Element = std::string_view;

    In in;
    std::size_t record_bytes;
    Range range{0, in.range.size() / record_bytes};

    [[nodiscard]] Data data() const { return {in.data(), record_bytes}; }
    void check(const Pool& pool) const { in.check(pool); }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return in.bytes(); }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return pinfold::default_grain(static_cast<std::size_t>(range.size()), record_bytes,
                                      result_bytes);
    }
};

/// Throws std::invalid_argument unless records fill so many bytes.
PINFOLD_API void check_record_bytes(std::uint64_t all_bytes, std::size_t record_bytes);

template <typename Source>
consteval bool check_bytes() {
    static_assert(is_bytes<Source>(),
                  "pinfold: fixed records lie in an array of characters or bytes, "
                  "pool.array(text), a span of one, or a file, pool.file(path): workers do not see "
                  "a std::string; an array of structs is an input as it is");
    return is_bytes<Source>();
}

}  // namespace detail

/// The records of a text or of binary data, each of the same number of bytes, as an input. The
/// range counts records, and so does the grain. A map of a chunk gets
/// `(const FixedRecordsSpan& records, chunk)` or the records alone, functions of elements a
/// std::string_view each.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("Jan Feb Mar "));
///     const auto months = pinfold::count_if(pool, pinfold::FixedRecords(text, 4),
///                                           [](std::string_view m) { return m.ends_with(' '); });
///     assert(months.value == 3);
///
/// Throws std::invalid_argument where the source's size is no multiple of a record's, and for
/// records of no bytes.
template <typename Source>
class FixedRecords {
    static_assert(detail::check_bytes<Source>());

  public:
    FixedRecords(Source source, std::size_t record_bytes)
        : source_(std::move(source)), record_bytes_(record_bytes) {
        const Range bytes = detail::input_of(source_).range;
        detail::check_record_bytes(static_cast<std::uint64_t>(bytes.size()), record_bytes);
    }

    /// Not for users: what calls make of it.
    [[nodiscard]] auto input() const {
        using In = detail::InputOf<Source>;
        return detail::FixedRecordsInput<In>{detail::input_of(source_), record_bytes_};
    }

  private:
    Source source_;
    std::size_t record_bytes_;
};

}  // namespace pinfold
