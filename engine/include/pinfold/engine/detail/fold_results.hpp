#pragma once

// The fold of a job's results, in the thread that asked for the job. Not for users.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/errors.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::detail {

/// What a fold is called with, once, in the calling thread, when all chunks are over: results lie
/// `stride` bytes apart. A skipped chunk has none.
struct Results {
    const std::byte* first = nullptr;
    std::size_t stride = 0;
    std::uint64_t count = 0;
    const std::vector<ChunkFailure>* skipped = nullptr;  // ascending

    template <typename R>
    [[nodiscard]] const R& at(std::uint64_t index) const noexcept {
        return *reinterpret_cast<const R*>(first + index * stride);
    }

    /// Calls `rows(begin, end)` for the rows of chunks between those that were skipped.
    template <typename Rows>
    void for_each_row(const Rows& rows) const {
        std::uint64_t begin = 0;
        for (const ChunkFailure& failure : *skipped) {
            rows(begin, failure.chunk.index);
            begin = failure.chunk.index + 1;
        }
        rows(begin, count);
    }

    /// Calls `each(index)` for each chunk that has a result, in ascending order.
    template <typename Each>
    void for_each(const Each& each) const {
        for_each_row([&](std::uint64_t begin, std::uint64_t end) {
            for (std::uint64_t i = begin; i < end; ++i) {
                each(i);
            }
        });
    }
};

/// A result as a fold takes it: where it lies, or a value of its own, made of a message.
template <typename R>
using NextResult = std::conditional_t<IsMessage<R>, R, const R&>;

template <typename R>
[[nodiscard]] NextResult<R> next_result(const Results& results, std::uint64_t index) {
    if constexpr (IsMessage<R>) {
        return read_result<R>(results.at<ResultSlot>(index));
    } else {
        return results.at<R>(index);
    }
}

/// Folds values of which no frame of the engine is to hold one: what a fold returns lands in the
/// memory of this object, or of `start`.
///
///     double sum = 1;
///     std::plus<double> plus;
///     pinfold::detail::LargeFold<double, std::plus<double>> folding(sum, plus);
///     folding.add(0.5);
///     folding.finish();
///     assert(sum == 1.5);
template <typename R, typename Fold>
class LargeFold {
  public:
    LargeFold(R& start, Fold& fold) : start_(start), fold_(fold) {}

    void add(const R& next) {
        if constexpr (std::is_reference_v<std::invoke_result_t<Fold&, R, const R&>>) {
            take(fold_(std::move(*now_), next));
        } else {
            R* const free = now_ == &start_ ? spare() : &start_;
            now_ = new (free) R(fold_(std::move(*now_), next));
        }
    }

    /// Puts the value where it started.
    void finish() {
        if (now_ != &start_) {
            start_ = *now_;
        }
    }

  private:
    struct GiveBack {
        void operator()(R* memory) const noexcept { std::allocator<R>().deallocate(memory, 1); }
    };

    // A fold may return a reference to its first argument, which is in its place already.
    void take(const R& returned) {
        if (std::addressof(returned) != now_) {
            *now_ = returned;
        }
    }

    R* spare() {
        if (!spare_) {
            spare_.reset(std::allocator<R>().allocate(1));
        }
        return spare_.get();
    }

    R& start_;
    Fold& fold_;
    R* now_ = std::addressof(start_);
    std::unique_ptr<R, GiveBack> spare_;
};

inline constexpr std::size_t largest_fold_in_a_frame = 4096;

/// Takes what a fold returned, which may be the value that it was given.
template <typename T, typename Returned>
void take_folded(T& value, Returned&& returned) {
    if constexpr (std::is_reference_v<Returned>) {
        if (std::addressof(returned) != std::addressof(value)) {
            value = std::forward<Returned>(returned);
        }
    } else {
        value = std::move(returned);
    }
}

/// Folds all results into `value`, in ascending chunk order, from what it is on.
template <typename R, typename Fold>
void fold_results(const Results& results, Fold& fold, R& value) {
    if constexpr (IsMessage<R>) {
        results.for_each([&](std::uint64_t i) {
            take_folded<R, std::invoke_result_t<Fold&, R, R>>(
                value, fold(std::move(value), next_result<R>(results, i)));
        });
    } else if constexpr (sizeof(R) <= largest_fold_in_a_frame) {
        R now = value;  // of which nobody has the address: it lies in registers
        results.for_each_row([&](std::uint64_t begin, std::uint64_t end) {
            for (std::uint64_t i = begin; i < end; ++i) {
                now = fold(std::move(now), results.at<R>(i));
            }
        });
        value = now;
    } else {
        LargeFold<R, Fold> folding(value, fold);
        results.for_each_row([&](std::uint64_t begin, std::uint64_t end) {
            for (std::uint64_t i = begin; i < end; ++i) {
                folding.add(results.at<R>(i));
            }
        });
        folding.finish();
    }
}

}  // namespace pinfold::detail
