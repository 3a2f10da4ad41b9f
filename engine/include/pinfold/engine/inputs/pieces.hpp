#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <pinfold/api.hpp>
#include <span>
#include <string_view>

namespace pinfold {

/// Where a piece of text stands: in which file, if there are several, and at which byte of it.
struct TextPlace {
    std::size_t file = 0;
    std::uint64_t offset = 0;

    friend bool operator==(const TextPlace&, const TextPlace&) noexcept = default;
};

namespace detail {

/// A text that a chunk has a part of: what starts in [begin, end) is the chunk's.
struct TextPart {
    std::string_view text;  // all of it, or a window with all that is looked at
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint64_t text_begin = 0;  // where `text` begins in its file
    std::uint64_t offset = 0;      // where that file begins in the input
    std::size_t file = 0;
};

/// One piece as a cut finds it: it ends before `end`, and the text goes on at `behind`.
struct CutPiece {
    std::size_t end = 0;
    std::size_t behind = 0;
};

}  // namespace detail

/// The pieces of text that start in a chunk, such as its lines: what a map gets of an input that is
/// cut where its content allows. A range of std::string_view, which a map may walk several times.
/// The texts are there until the map returns.
///
/// `Cut` says where pieces begin and end; ChunkLines, ChunkWords and ChunkRecords name the three.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("one\ntwo\nthree"));
///     const auto longest = pinfold::map_reduce(
///         pool, pinfold::Lines(text),
///         [](const pinfold::ChunkLines& lines) {
///             std::size_t most = 0;
///             for (const std::string_view line : lines) {
///                 most = std::max(most, line.size());
///             }
///             return most;
///         },
///         [](std::size_t a, std::size_t b) { return std::max(a, b); });
///     assert(longest.value == 5);
///
/// Run time: each piece is found when the iterator gets to it. Thread-safety: for use by the
/// worker that got it.
template <typename Cut>
class Pieces {
  public:
    class Iterator;
    using value_type = std::string_view;
    using iterator = Iterator;
    using const_iterator = Iterator;

    Pieces(const Cut& cut, std::span<const detail::TextPart> parts) noexcept
        : cut_(cut), parts_(parts) {}

    [[nodiscard]] Iterator begin() const noexcept { return Iterator(*this, 0); }
    [[nodiscard]] Iterator end() const noexcept { return Iterator(*this, parts_.size()); }

    /// Whether nothing starts in the chunk: it lies inside of one piece, or between two.
    [[nodiscard]] bool empty() const noexcept { return begin() == end(); }

    /// Where a piece of these stands, or a part of one that has a character.
    [[nodiscard]] TextPlace place_of(std::string_view piece) const noexcept {
        for (std::size_t looked_at = 0; looked_at < parts_.size(); ++looked_at) {
            const detail::TextPart& part = parts_[last_];
            const auto offset = reinterpret_cast<std::uintptr_t>(piece.data()) -
                                reinterpret_cast<std::uintptr_t>(part.text.data());
            if (offset < part.text.size()) {
                return {part.file, part.text_begin + offset};
            }
            last_ = last_ + 1 < parts_.size() ? last_ + 1 : 0;
        }
        return {};
    }

  private:
    Cut cut_;
    std::span<const detail::TextPart> parts_;
    mutable std::size_t last_ = 0;  // the part that was asked for
};

/// Goes from piece to piece. Valid while the map runs that got the pieces.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("one\ntwo\nthree"));
///     const auto offsets = pinfold::map_reduce(
///         pool, pinfold::Lines(text),
///         [](const pinfold::ChunkLines& lines) {
///             std::uint64_t sum = 0;
///             for (auto line = lines.begin(); line != lines.end(); ++line) {
///                 sum += line.place().offset;
///             }
///             return sum;
///         },
///         std::plus<>{});
///     assert(offsets.value == 0 + 4 + 8);
template <typename Cut>
class Pieces<Cut>::Iterator {
  public:
    using iterator_concept = std::forward_iterator_tag;
    using iterator_category = std::input_iterator_tag;  // what * gives is a value
    using value_type = std::string_view;
    using reference = std::string_view;
    using pointer = void;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;

    std::string_view operator*() const noexcept {
        return part().text.substr(start_, piece_.end - start_);
    }
    Iterator& operator++() noexcept {
        start_ = pieces_->cut_.next(part().text, piece_.behind, part().end);
        settle();
        return *this;
    }
    Iterator operator++(int) noexcept {
        Iterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
        return a.at_ == b.at_ && a.start_ == b.start_;
    }

    /// Where this piece stands.
    [[nodiscard]] TextPlace place() const noexcept {
        return {part().file, part().text_begin + start_};
    }

    /// Where it begins in the whole input, all files one behind the other.
    [[nodiscard]] std::uint64_t offset() const noexcept {
        return part().offset + part().text_begin + start_;
    }

  private:
    friend class Pieces;

    Iterator(const Pieces& pieces, std::size_t at) noexcept : pieces_(&pieces), at_(at) {
        if (at_ < pieces_->parts_.size()) {
            start_ = pieces_->cut_.first(part().text, part().begin, part().end);
            settle();
        }
    }

    [[nodiscard]] const detail::TextPart& part() const noexcept { return pieces_->parts_[at_]; }

    /// Finds the end of the piece at `start_`, or, where the part has no more, goes on to a part
    /// that has one.
    void settle() noexcept {
        while (start_ >= part().end) {
            start_ = 0;
            if (++at_ == pieces_->parts_.size()) {
                return;
            }
            start_ = pieces_->cut_.first(part().text, part().begin, part().end);
        }
        piece_ = pieces_->cut_.piece(part().text, start_);
    }

    const Pieces* pieces_ = nullptr;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    detail::CutPiece piece_;
};

}  // namespace pinfold
