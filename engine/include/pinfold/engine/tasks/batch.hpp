#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/tasks/batch_core.hpp>
#include <pinfold/engine/detail/tasks/batch_inputs.hpp>
#include <pinfold/engine/detail/tasks/completions.hpp>
#include <pinfold/engine/detail/tasks/continuation.hpp>
#include <pinfold/engine/detail/tasks/part_call.hpp>
#include <pinfold/engine/detail/tasks/task_checks.hpp>
#include <pinfold/engine/detail/tasks/value_batch.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks/future.hpp>
#include <pinfold/engine/tasks/map_options.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold {

namespace detail {

template <typename F, typename R>
inline constexpr bool is_called_with_results = std::is_invocable_v<F&, std::vector<R>>;
template <typename F>
inline constexpr bool is_called_with_results<F, void> = std::is_invocable_v<F&>;

template <typename F, typename R>
consteval bool check_batch_then() {
    static_assert(is_called_with_results<F, R>,
                  "pinfold: then(f) of a batch calls f with a std::vector of all results, or f() "
                  "where there are none");
    return is_called_with_results<F, R>;
}

template <typename R, typename F>
decltype(auto) call_with_results(ValueBatch<R>& batch, F& f) {
    batch.rethrow_gathering();
    if constexpr (std::is_void_v<R>) {
        return std::invoke(f);
    } else {
        return std::invoke(f, batch.give());
    }
}

template <typename R, typename F>
auto go_on_after_batch(std::shared_ptr<ValueBatch<R>> batch, F&& f) {
    using Function = std::decay_t<F>;
    using U = std::decay_t<decltype(call_with_results(*batch, std::declval<Function&>()))>;
    using Value = typename Unwrapped<U>::Type;
    auto to = std::make_shared<ValueState<Value>>();
    batch->adopt(*to);
    batch->follow(to);
    const auto function = std::make_shared<Function>(static_cast<F&&>(f));
    batch->gather_by_hooks([batch, to, function] {
        if (to->begin()) {
            make_value<U>(to,
                          [&]() -> decltype(auto) { return call_with_results(*batch, *function); });
        }
    });
    return Future<Value>(to);
}

}  // namespace detail

/// What a function returned, or will have returned, for the items of an input: what Pool::map()
/// gives. It is a range that is walked once, while workers go on with the next items.
///
///     pinfold::Pool pool({.crew = pinfold::Crew::serial});
///     const std::vector<int> numbers{1, 2, 3};
///     int sum = 0;
///     for (int square : pool.map([](int x) { return x * x; }, numbers)) {
///         sum += square;
///     }
///     assert(sum == 14);
///     assert(pool.map([](int x) { return -x; }, numbers).get().at(2) == -3);
///
/// Walking it waits for one result after the other, in the order of the items; that of
/// Pool::map_unordered() in the order in which they are there. `*i` throws TaskFailed where the
/// item has no result, and `++i` goes on behind it. What the input throws comes behind the results
/// of what it gave before. A loop goes on where an earlier one was left. Where the function returns
/// nothing, the values are NoValue.
///
/// The input is read by whoever takes results, and no more of it than MapOptions::look_ahead says;
/// so it may be endless. An input that is a variable of the caller's is not copied: it lives, and
/// stays as it is, until it was read to its end, or the Batch is gone.
///
/// A Batch that is dropped cancels the tasks that have not started. It may outlive its pool; then
/// what was not done is cancelled.
///
/// Thread-safety: done(), total(), progress() and cancel(), at any time; all others, one thread at
/// a time. Inside a task it is as with a Future. Fork: the process that made it.
template <typename R>
class [[nodiscard]] Batch {
  public:
    using Value = detail::BatchValue<R>;

    class Iterator {
      public:
        using value_type = Value;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        typename std::vector<Value>::reference operator*() const { return batch_->item(); }
        Iterator& operator++() {
            has_item_ = batch_->go_on();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& i, std::default_sentinel_t) noexcept {
            return !i.has_item_;
        }

      private:
        friend class Batch;
        explicit Iterator(detail::ValueBatch<R>& batch)
            : batch_(&batch), has_item_(batch.find_new()) {}

        detail::ValueBatch<R>* batch_;
        bool has_item_;
    };

    Batch(Batch&&) noexcept = default;
    Batch& operator=(Batch&& other) noexcept {
        Batch before(std::move(*this));
        batch_ = std::move(other.batch_);
        return *this;
    }
    ~Batch() {
        if (batch_ != nullptr) {
            batch_->abandon();
        }
    }

    /// Waits for the first result that no loop has come to.
    [[nodiscard]] Iterator begin() { return Iterator(batch()); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

    /// Waits for all results that no loop has come to, and returns them; nothing, where the
    /// function returns nothing. When an item has none, throws TaskFailed for the first such, and
    /// cancels what has not started.
    auto get() {
        static_cast<void>(batch().gather_for(detail::for_ever));
        return batch().give();
    }

    /// The same, but throws Timeout when that time is over. The tasks go on, and the results that
    /// are there stay.
    template <typename Rep, typename Period>
    auto get_for(std::chrono::duration<Rep, Period> time) {
        if (!batch().gather_for(detail::waiting_time(time))) {
            detail::throw_timeout(detail::waiting_time(time));
        }
        return batch().give();
    }

    /// Of how many items the task has ended.
    [[nodiscard]] std::uint64_t done() const { return batch().done(); }

    /// How many items there are; none, as long as the input does not tell.
    [[nodiscard]] std::optional<std::uint64_t> total() const { return batch().total(); }

    [[nodiscard]] BatchProgress progress() const { return batch().progress(); }

    /// Reads and submits no more. Tasks that have not started are cancelled; their items throw
    /// Cancelled. Those that run end with a result, or are killed where the task's kill_on_cancel
    /// says so.
    void cancel() { batch().cancel(); }

    /// A Future of what `f` returns for the results that get() would return, a std::vector<R>, or
    /// without an argument where the function returns nothing. The Batch is empty afterwards. What
    /// get() would throw goes on to the Future. Cancelling that cancels the batch.
    ///
    /// f is called like that of Future::then(). In the same thread the input is read, as results
    /// come.
    template <typename F>
    auto then(F f) {
        if constexpr (detail::check_batch_then<F, R>()) {
            static_cast<void>(batch());
            return detail::go_on_after_batch(std::exchange(batch_, nullptr), std::move(f));
        } else {
            return detail::Refused{};
        }
    }

    /// Of the engine.
    explicit Batch(std::shared_ptr<detail::ValueBatch<R>> batch) noexcept
        : batch_(std::move(batch)) {}

  private:
    [[nodiscard]] detail::ValueBatch<R>& batch() const {
        if (batch_ == nullptr) {
            detail::refuse_empty_batch();
        }
        return *batch_;
    }

    std::shared_ptr<detail::ValueBatch<R>> batch_;
};

namespace detail {

template <typename F, typename... Given>
consteval bool check_batch_inputs() {
    constexpr bool are_options = std::is_same_v<std::decay_t<F>, MapOptions>;
    constexpr bool have_options = (std::is_same_v<std::decay_t<Given>, TaskOptions> || ...);
    constexpr bool are_inputs = !have_options && (is_batch_input<Given> && ...);
    static_assert(!are_options, "pinfold: options come last: map(f, items, {.grain = 64})");
    static_assert(!have_options,
                  "pinfold: the options of each task are a member of those of the map: map(f, "
                  "items, {.task = {.name = \"x\"}})");
    static_assert(are_inputs || have_options,
                  "pinfold: map(f, items) takes a container, a range, a pinfold::Range or a list "
                  "in braces; options stand behind them, and for one value there is submit(f, x)");
    return are_inputs && !are_options;
}

template <typename F, typename... As>
consteval bool check_item_call() {
    using Call = ItemCall<Meant<F>, Meant<As>...>;
    static_assert(!Call::is_mutable,
                  "pinfold: this function is mutable, or changes its argument, and what it changes "
                  "would begin anew with each task: take the item by value or as const&, and "
                  "return the result");
    static_assert(Call::is_possible || Call::is_mutable,
                  "pinfold: this function cannot be called with an item: map(f, a, b) calls f(x, "
                  "y) with an item of each input; of one input of tuples it calls f with an item, "
                  "or with the members of one");
    return Call::is_possible;
}

template <typename F, typename... As>
consteval bool check_batch_parts() {
    constexpr bool parts_cross =
        (check_task_function<TaskValue<F>>() && ... && check_task_argument<As, As>());
    if constexpr (parts_cross) {
        if constexpr (check_item_call<TaskValue<F>, As...>()) {
            return check_task_result<typename PartCall<TaskValue<F>, As...>::Result>();
        }
    }
    return false;
}

template <typename F, typename... Given>
consteval bool check_batch() {
    if constexpr (check_batch_inputs<F, Given...>()) {
        return check_batch_parts<F, TaskValue<ItemOf<Given>>...>();
    }
    return false;
}

/// Pool::map(), which pool.hpp declares without all that it needs.
struct Batches {
    template <typename F, typename... Given>
    static auto map(const Pool& pool, bool is_ordered, const MapOptions& options, F&& f,
                    Given&&... inputs) {
        if constexpr (check_batch<F, Given...>()) {
            using Function = TaskValue<F>;
            using R = typename PartCall<Function, TaskValue<ItemOf<Given>>...>::Result;
            auto batch = std::make_shared<InputBatch<R, Function, Given...>>(
                pool, options, is_ordered, task_value(f), static_cast<Given&&>(inputs)...);
            batch->start();
            return Batch<R>(std::move(batch));
        } else {
            return NoFutures{};
        }
    }

    /// Of any number of inputs, and options where they are the last.
    template <typename F, typename... Given>
    static auto map_many(const Pool& pool, bool is_ordered, F&& f, Given&&... given) {
        constexpr std::size_t before = sizeof...(Given) - 1;
        const std::tuple<Given&&...> all(static_cast<Given&&>(given)...);
        using Last = std::tuple_element_t<before, std::tuple<Given...>>;
        if constexpr (std::is_same_v<std::decay_t<Last>, MapOptions>) {
            return [&]<std::size_t... i>(std::index_sequence<i...>) {
                return map(pool, is_ordered, std::get<before>(all), static_cast<F&&>(f),
                           static_cast<std::tuple_element_t<i, std::tuple<Given&&...>>>(
                               std::get<i>(all))...);
            }
            (std::make_index_sequence<before>());
        } else {
            return map(pool, is_ordered, MapOptions{}, static_cast<F&&>(f),
                       static_cast<Given&&>(given)...);
        }
    }

    template <typename... Given>
    static auto refuse_options_first() {
        static_cast<void>(check_batch_inputs<MapOptions, Given...>());
        return NoFutures{};
    }
};

}  // namespace detail
}  // namespace pinfold
