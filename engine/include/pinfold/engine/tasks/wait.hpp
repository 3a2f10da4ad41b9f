#pragma once

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/tasks/completions.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <pinfold/engine/tasks/future.hpp>
#include <span>  // and with it what ranges need
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold {

/// What wait() waits for.
enum class WaitFor {
    first_completed,  ///< one of the tasks is done, whatever its end
    first_exception,  ///< one of them failed, or all are done; a cancelled one is no failure
    all,              ///< all are done, whatever their end
};

/// What wait() found: pointers to the caller's futures, each in the order of the caller.
template <typename F>
struct Waited {
    std::vector<F*> done;
    std::vector<F*> pending;
};

namespace detail {

/// The type of the futures in a range; const ones too.
template <typename Range>
using FutureIn = std::remove_reference_t<decltype(*std::ranges::begin(std::declval<Range&>()))>;

/// Whether `Range`, as it was given, has futures that stay.
template <typename Range>
consteval bool check_futures() {
    constexpr bool stays = std::is_lvalue_reference_v<Range> ||
                           std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>>;
    static_assert(stays,
                  "pinfold: these futures would be gone before they are waited for: keep them in a "
                  "variable, and give that");
    if constexpr (std::ranges::range<Range>) {
        constexpr bool holds_futures = is_future<std::remove_cv_t<FutureIn<Range>>>;
        static_assert(holds_futures,
                      "pinfold: wait() and as_completed() take a container of futures, such as a "
                      "std::vector<pinfold::Future<int>>");
        return stays && holds_futures;
    } else {
        static_assert(std::ranges::range<Range>,
                      "pinfold: wait() and as_completed() take a container of futures; one alone "
                      "has future.wait()");
        return false;
    }
}

}  // namespace detail

/// The futures of a range as their tasks are done; see as_completed(). Walk over it once.
///
///     pinfold::Pool pool;
///     std::vector<pinfold::Future<int>> futures;
///     futures.push_back(pool.submit([] { return 7; }));
///     pinfold::AsCompleted<pinfold::Future<int>> done = pinfold::as_completed(futures);
///     assert(done.begin()->get() == 7);
///
/// Thread-safety: one thread at a time. Its futures must stay where they are.
template <typename F>
class AsCompleted {
  public:
    class Iterator {
      public:
        using value_type = F;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        [[nodiscard]] F& operator*() const { return *all_->futures_[at_]; }
        [[nodiscard]] F* operator->() const { return all_->futures_[at_]; }
        Iterator& operator++() {
            at_ = all_->completions_.next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& i, std::default_sentinel_t) noexcept {
            return i.is_at_end();
        }

      private:
        friend class AsCompleted;
        explicit Iterator(AsCompleted& all) : all_(&all) { ++*this; }
        [[nodiscard]] bool is_at_end() const noexcept { return at_ == all_->futures_.size(); }

        AsCompleted* all_;
        std::size_t at_ = 0;
    };

    /// Waits for the first one that is done. To be called once. Going on throws Timeout when the
    /// time of all is over.
    [[nodiscard]] Iterator begin() { return Iterator(*this); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

    /// Of the engine.
    template <typename Range>
    AsCompleted(Range& all, std::chrono::nanoseconds time) : completions_(time) {
        for (F& future : all) {
            futures_.push_back(std::addressof(future));
            completions_.add(future.engine_state());
        }
    }

  private:
    std::vector<F*> futures_;
    detail::Completions completions_;
};

/// The futures of a container, each when its task is done: first those that are done already.
///
///     pinfold::Pool pool;
///     std::vector<pinfold::Future<int>> futures;
///     for (int x = 1; x <= 3; ++x) {
///         futures.push_back(pool.submit([](int y) { return y * y; }, x));
///     }
///     int sum = 0;
///     for (auto& future : pinfold::as_completed(futures)) {
///         sum += future.get();
///     }
///     assert(sum == 1 + 4 + 9);
///
/// With a time, the loop throws Timeout when that is over, counted from the call, and not all are
/// done; a time of 0 gives those that are done now. The container stays as it is meanwhile.
template <typename Range>
[[nodiscard]] auto as_completed(Range&& futures) {
    if constexpr (detail::check_futures<Range>()) {
        return AsCompleted<detail::FutureIn<Range>>(futures, detail::for_ever);
    } else {
        return detail::NoFutures{};
    }
}
template <typename Range, typename Rep, typename Period>
[[nodiscard]] auto as_completed(Range&& futures, std::chrono::duration<Rep, Period> time) {
    if constexpr (detail::check_futures<Range>()) {
        return AsCompleted<detail::FutureIn<Range>>(futures, detail::waiting_time(time));
    } else {
        return detail::NoFutures{};
    }
}

namespace detail {

template <typename Range>
auto wait_until(Range& futures, WaitFor what, std::chrono::nanoseconds time) {
    using F = FutureIn<Range>;
    Completions completions(time);
    for (F& future : futures) {
        completions.add(future.engine_state());
    }
    completions.wait(what == WaitFor::first_completed, what == WaitFor::first_exception);
    Waited<F> waited;
    for (F& future : futures) {
        (future.done() ? waited.done : waited.pending).push_back(std::addressof(future));
    }
    return waited;
}

}  // namespace detail

/// Waits for tasks, and tells which of the futures are done. It does not throw what tasks threw.
///
///     pinfold::Pool pool;
///     std::vector<pinfold::Future<int>> futures;
///     futures.push_back(pool.submit([] { return 1; }));
///     futures.push_back(pool.submit([] { return 2; }));
///     const auto some = pinfold::wait(futures, pinfold::WaitFor::first_completed);
///     assert(some.done.size() + some.pending.size() == 2 && !some.done.empty());
///     const auto all = pinfold::wait(futures, pinfold::WaitFor::all, std::chrono::hours(1));
///     assert(all.pending.empty() && all.done.at(1)->get() == 2);
///
/// When the time is over, it returns with what is done then; a time of 0 only looks.
template <typename Range>
auto wait(Range&& futures, WaitFor what = WaitFor::all) {
    if constexpr (detail::check_futures<Range>()) {
        return detail::wait_until(futures, what, detail::for_ever);
    } else {
        return detail::NoFutures{};
    }
}
template <typename Range, typename Rep, typename Period>
auto wait(Range&& futures, WaitFor what, std::chrono::duration<Rep, Period> time) {
    if constexpr (detail::check_futures<Range>()) {
        return detail::wait_until(futures, what, detail::waiting_time(time));
    } else {
        return detail::NoFutures{};
    }
}

}  // namespace pinfold
