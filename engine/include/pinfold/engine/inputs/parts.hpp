#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/cuts.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace pinfold::detail {

/// What a range of bytes has of one of several texts: its bytes [begin, end). The text begins at
/// `offset` of all of them.
struct PartPlace {
    std::size_t text = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint64_t offset = 0;
};

/// Calls `use` for each text that bytes [begin, end) of all have a part of. `ends` says where each
/// text ends; they stand one behind the other. Empty texts have no part.
template <typename Use>
void for_each_part(std::span<const std::uint64_t> ends, std::uint64_t begin, std::uint64_t end,
                   const Use& use) {
    auto text = static_cast<std::size_t>(std::ranges::upper_bound(ends, begin) - ends.begin());
    while (begin < end) {
        const std::uint64_t offset = text == 0 ? 0 : ends[text - 1];
        const std::uint64_t behind = std::min(end, ends[text]);
        if (begin < behind) {
            use(PartPlace{text, static_cast<std::size_t>(begin - offset),
                          static_cast<std::size_t>(behind - offset), offset});
        }
        begin = behind;
        ++text;
    }
}

/// What a chunk reads of a text that is not in memory: a window with its bytes, with what stands
/// before them as far as the cut looks, and with the rest of the last piece that starts there.
/// `Source` has the
/// text's size() and read(offset, std::span<char>).
///
///     struct Digits {
///         std::uint64_t size() const { return 10; }
///         void read(std::uint64_t at, std::span<char> to) const {
///             for (char& digit : to) {
///                 digit = char('0' + at++);
///             }
///         }
///     };
///     pinfold::detail::TextWindow window(Digits{}, 3, 6, pinfold::detail::WordCut("789"), 1);
///     assert(window.begin() == 2 && window.text().starts_with("23456"));
template <typename Source, typename Cut>
class TextWindow {
  public:
    /// Of bytes [begin, end) of the text, of which there is at least one. It reads `more` bytes at
    /// once beyond what it needs.
    TextWindow(const Source& source, std::uint64_t begin, std::uint64_t end, const Cut& cut,
               std::size_t more)
        : source_(source), from_(begin - std::min<std::uint64_t>(begin, cut.before())) {
        const std::uint64_t size = source.size();
        std::uint64_t to = end + std::min<std::uint64_t>(size - end, more);
        read_all(from_, to);
        while (from_ > 0 && !cut.is_clear(text(), static_cast<std::size_t>(begin - from_))) {
            read_all(from_ - std::min(from_, 2 * (end - from_)), to);
        }
        const auto behind = static_cast<std::size_t>(end - from_);
        const std::size_t first =
            cut.first(text(), static_cast<std::size_t>(begin - from_), behind);
        while (first < behind && to < size && !has_end(cut, text(), behind - 1)) {
            to += std::min(size - to, to - from_);
            read_all(from_, to);
        }
    }

    /// Where the window begins in the text.
    [[nodiscard]] std::uint64_t begin() const noexcept { return from_; }
    [[nodiscard]] std::string_view text() const noexcept { return {bytes_.get(), size_}; }
    [[nodiscard]] std::unique_ptr<char[]> release() noexcept { return std::move(bytes_); }

  private:
    /// Makes the window larger: what it has stays, and only the rest is read.
    void read_all(std::uint64_t from, std::uint64_t to) {
        const auto size = static_cast<std::size_t>(to - from);
        auto bytes = std::make_unique_for_overwrite<char[]>(size);
        const auto left = static_cast<std::size_t>(size_ == 0 ? 0 : from_ - from);
        const std::span<char> all(bytes.get(), size);
        std::ranges::copy(text(), bytes.get() + left);
        if (left > 0) {
            source_.read(from, all.first(left));
        }
        if (left + size_ < size) {
            source_.read(from + left + size_, all.subspan(left + size_));
        }
        bytes_ = std::move(bytes);
        from_ = from;
        size_ = size;
    }

    const Source& source_;
    std::uint64_t from_;
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

}  // namespace pinfold::detail
