#pragma once

// The first few of many in an order, found as they come. Not for users.

#include <algorithm>
#include <cstddef>
#include <pinfold/api.hpp>
#include <utility>
#include <vector>

namespace pinfold::detail {

/// Keeps the first `most` of what it was shown, in the order of `before`, a strict weak order.
/// Twice as many are kept before the later ones go, so each costs a comparison, and a few more when
/// it is kept.
template <typename T, typename Before>
class Greatest {
  public:
    Greatest(std::size_t most, Before before) : most_(most), before_(std::move(before)) {}

    /// The last of those that are kept, which every other one has to come before; nullptr as long
    /// as all are kept.
    [[nodiscard]] const T* last() const noexcept { return is_full_ ? &kept_[most_ - 1] : nullptr; }

    void show(T element) {
        if (most_ == 0 || (is_full_ && !before_(element, kept_[most_ - 1]))) {
            return;
        }
        kept_.push_back(std::move(element));
        if (kept_.size() / 2 >= most_) {
            keep_the_first();
        }
    }

    /// Those that are kept, in order.
    [[nodiscard]] std::vector<T> take() {
        std::sort(kept_.begin(), kept_.end(), before_);
        if (kept_.size() > most_) {
            kept_.erase(place(most_), kept_.end());
        }
        return std::move(kept_);
    }

  private:
    [[nodiscard]] auto place(std::size_t i) noexcept {
        return kept_.begin() + static_cast<std::ptrdiff_t>(i);
    }
    void keep_the_first() {
        std::nth_element(kept_.begin(), place(most_ - 1), kept_.end(), before_);
        kept_.erase(place(most_), kept_.end());
        is_full_ = true;
    }

    std::size_t most_;
    Before before_;
    std::vector<T> kept_;
    bool is_full_ = false;
};

}  // namespace pinfold::detail
