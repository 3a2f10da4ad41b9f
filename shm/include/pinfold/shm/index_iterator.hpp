#pragma once

#include <compare>
#include <cstddef>
#include <iterator>
#include <pinfold/api.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::shm {

/// Walks what a small view gives by its number, `view[i]`. It keeps a copy of the view.
///
///     struct Squares {
///         std::size_t operator[](std::size_t i) const { return i * i; }
///     };
///     const pinfold::shm::IndexIterator<Squares> third(Squares{}, 3);
///     assert(*third == 9 && third[1] == 16);
template <typename View>
class IndexIterator {
  public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;  // what * gives may be a value
    using reference = decltype(std::declval<const View&>()[std::size_t{}]);
    using value_type = std::remove_cvref_t<reference>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;

    IndexIterator() = default;
    IndexIterator(const View& view, std::size_t at) noexcept : view_(view), at_(at) {}

    reference operator*() const { return view_[at_]; }
    reference operator[](difference_type i) const {
        return view_[at_ + static_cast<std::size_t>(i)];
    }
    IndexIterator& operator++() noexcept {
        ++at_;
        return *this;
    }
    IndexIterator operator++(int) noexcept {
        IndexIterator before = *this;
        ++at_;
        return before;
    }
    IndexIterator& operator--() noexcept {
        --at_;
        return *this;
    }
    IndexIterator operator--(int) noexcept {
        IndexIterator before = *this;
        --at_;
        return before;
    }
    IndexIterator& operator+=(difference_type n) noexcept {
        at_ += static_cast<std::size_t>(n);
        return *this;
    }
    IndexIterator& operator-=(difference_type n) noexcept {
        at_ -= static_cast<std::size_t>(n);
        return *this;
    }

    friend IndexIterator operator+(IndexIterator it, difference_type n) noexcept { return it += n; }
    friend IndexIterator operator+(difference_type n, IndexIterator it) noexcept { return it += n; }
    friend IndexIterator operator-(IndexIterator it, difference_type n) noexcept { return it -= n; }
    friend difference_type operator-(const IndexIterator& a, const IndexIterator& b) noexcept {
        return static_cast<difference_type>(a.at_) - static_cast<difference_type>(b.at_);
    }
    friend bool operator==(const IndexIterator& a, const IndexIterator& b) noexcept {
        return a.at_ == b.at_;
    }
    friend auto operator<=>(const IndexIterator& a, const IndexIterator& b) noexcept {
        return a.at_ <=> b.at_;
    }

  private:
    View view_{};
    std::size_t at_ = 0;
};

}  // namespace pinfold::shm
