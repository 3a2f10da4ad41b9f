#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

namespace pinfold::testing {

/// f(0), f(1), f(2) and so on, each made when it is read: an input that does not know its size, and
/// does not end unless it is told where.
template <typename F>
class Generated {
  public:
    class Iterator {
      public:
        using value_type = decltype(std::declval<const F&>()(int{}));
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        explicit Iterator(const Generated& of) : of_(&of) {}
        value_type operator*() const { return of_->f_(at_); }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        void operator++(int) { ++*this; }
        [[nodiscard]] bool is_at_end() const { return at_ == of_->end_; }
        friend bool operator==(const Iterator& i, std::default_sentinel_t) { return i.is_at_end(); }

      private:
        const Generated* of_;
        int at_ = 0;
    };

    explicit Generated(F f, int end = std::numeric_limits<int>::max())
        : f_(std::move(f)), end_(end) {}
    [[nodiscard]] Iterator begin() const { return Iterator(*this); }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }

  private:
    F f_;
    int end_;
};

/// 0, 1, 2 and so on.
inline auto endless() {
    return Generated([](int k) { return k; });
}

}  // namespace pinfold::testing
