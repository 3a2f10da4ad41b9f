#pragma once

// A batch with the types of its results, and one with those of its inputs too. Not for users.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/pointer_checks.hpp>
#include <pinfold/engine/detail/tasks/batch_core.hpp>
#include <pinfold/engine/detail/tasks/batch_inputs.hpp>
#include <pinfold/engine/detail/tasks/part_call.hpp>
#include <pinfold/engine/detail/tasks/task_checks.hpp>
#include <pinfold/engine/detail/tasks/task_message.hpp>
#include <pinfold/engine/detail/tasks/task_spec.hpp>
#include <pinfold/engine/detail/tasks/value_state.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold {

/// What a Batch has of each item where the function returns nothing.
///
///     pinfold::Pool pool;
///     int done = 0;
///     for (pinfold::NoValue none : pool.map([](int) {}, {1, 2, 3})) {
///         static_cast<void>(none);
///         ++done;
///     }
///     assert(done == 3);
struct NoValue {
    template <typename T>
    constexpr operator T() const {
        static_assert(std::is_void_v<T>,
                      "pinfold: this function returns nothing, so that items have no values: "
                      "return one, or walk the batch by for (auto&& done : batch)");
    }
};

namespace detail {

/// What a batch has of each item.
template <typename R>
using BatchValue = std::conditional_t<std::is_void_v<R>, NoValue, R>;

/// The state of a part's task.
template <typename R>
class PartState final : public AnyValueState {
  public:
    using Value = BatchValue<R>;

    /// `kept` is what the message only names.
    PartState(std::uint64_t its_items, std::shared_ptr<const void> kept)
        : items_(its_items), kept_(std::move(kept)) {
        keeps_ = kept_ != nullptr;
    }

    /// Of a task that is done, once: its results, behind those of `values`. Throws what ended it
    /// without any.
    void take(std::vector<Value>& values) {
        check();
        if constexpr (std::is_void_v<R>) {
            values.resize(values.size() + items_);
        } else {
            std::vector<R> read;
            read_or_fail(*this, [&] { read_all(read); });
            release_result();
            if (values.empty()) {
                values = std::move(read);
            } else {
                values.insert(values.end(), std::make_move_iterator(read.begin()),
                              std::make_move_iterator(read.end()));
            }
        }
    }

  private:
    void read_all(std::vector<Value>& values) const {
        const ResultSlot slot = result();
        if (items_ == 1) {
            values.push_back(read_task_result<Value>(slot));
            return;
        }
        SizedPieces pieces(slot.content());
        const std::byte* at = slot.content().data();
        values.reserve(items_);
        for (std::uint64_t i = 0; i < items_; ++i) {
            if constexpr (std::is_trivially_copyable_v<Value>) {
                values.push_back(value_of_bytes<Value>(at));
                at += sizeof(Value);
            } else {
                values.push_back(shm::CrossingOf<Value>::read(pieces.next()));
            }
        }
    }

    template <typename Value>
    static Value value_of_bytes(const std::byte* at) noexcept {
        struct Copy {
            alignas(Value) std::byte bytes[sizeof(Value)];
        };
        Copy copy;
        std::memcpy(copy.bytes, at, sizeof(Value));
        return __builtin_bit_cast(Value, copy);
    }

    const std::uint64_t items_;
    const std::shared_ptr<const void> kept_;
};

/// Throws std::logic_error.
[[noreturn]] PINFOLD_API void refuse_empty_batch();

/// Cancels a batch whose results were being read, unless they were.
class PINFOLD_API CancelIfThrown {
  public:
    explicit CancelIfThrown(BatchCore& batch) noexcept : batch_(batch) {}
    CancelIfThrown(const CancelIfThrown&) = delete;
    CancelIfThrown& operator=(const CancelIfThrown&) = delete;
    ~CancelIfThrown() {
        if (!is_read_) {
            batch_.cancel();
        }
    }
    void all_is_read() noexcept { is_read_ = true; }

  private:
    BatchCore& batch_;
    bool is_read_ = false;
};

/// The results of a batch. Those of the part that is walked are read when the first of them is
/// asked for.
template <typename R>
class ValueBatch : public BatchCore {
  public:
    using Value = BatchValue<R>;

    /// Goes to the first item that nobody has asked for; false at the end.
    bool find_new() { return at_ < items_ && !is_seen_ ? true : go_on(); }

    /// Goes to the next item.
    bool go_on() {
        is_seen_ = false;
        if (at_ + 1 < items_) {
            ++at_;
            return true;
        }
        at_ = items_ = 0;
        values_.clear();
        if (next(part_, for_ever) == Next::end) {
            return false;
        }
        items_ = part_.items;
        is_read_ = false;
        return true;
    }

    [[nodiscard]] typename std::vector<Value>::reference item() {
        is_seen_ = true;
        read();
        return values_[at_];
    }

    /// Takes all that nobody has asked for. Returns false when the time is over before.
    bool gather_for(std::chrono::nanoseconds longest) {
        const std::int64_t began = clock_ns();
        keep_new();
        for (;;) {
            const Next found = next(part_, left_of(longest, began));
            if (found != Next::part) {
                return found == Next::end;
            }
            take_part();
            items_ = values_.size();
        }
    }

    /// What was gathered.
    [[nodiscard]] auto give() {
        std::vector<Value> all = std::exchange(values_, {});
        at_ = items_ = 0;
        if constexpr (!std::is_void_v<R>) {
            return all;
        }
    }

  protected:
    using BatchCore::BatchCore;

  private:
    bool gather() final { return gather_for(std::chrono::nanoseconds(0)); }

    void take_part() {
        CancelIfThrown guard(*this);
        static_cast<PartState<R>&>(*part_.state).take(values_);
        guard.all_is_read();
    }
    void read() {
        if (!is_read_) {
            static_cast<PartState<R>&>(*part_.state).take(values_);
            part_.state.reset();
            is_read_ = true;
        }
    }

    /// Leaves in `values_` what nobody has asked for.
    void keep_new() {
        at_ += is_seen_ ? 1 : 0;
        is_seen_ = false;
        if (at_ < items_ && !is_read_) {
            take_part();
        }
        is_read_ = true;
        values_.erase(values_.begin(),
                      values_.begin() +
                          static_cast<std::ptrdiff_t>(std::min<std::size_t>(at_, values_.size())));
        at_ = 0;
        items_ = values_.size();
    }

    BatchPart part_;
    std::vector<Value> values_;  // of the part, or of all that was gathered
    std::size_t at_ = 0;
    std::size_t items_ = 0;
    bool is_read_ = true;
    bool is_seen_ = false;
};

/// An item as the argument of a call: what it refers to, or a value that is made of it.
template <typename A, typename Item>
[[nodiscard]] decltype(auto) as_argument(Item&& item) {
    if constexpr (std::is_same_v<std::remove_cvref_t<Item>, A>) {
        return static_cast<const A&>(item);
    } else {
        return A(static_cast<Item&&>(item));
    }
}

/// A batch with its function and its inputs, of which `Given` is a reference to one of the
/// caller's.
template <typename R, typename F, typename... Given>
class InputBatch final : public ValueBatch<R> {
  public:
    // A user's source may have globals of the plainest names, which -Wshadow would tell here.
    InputBatch(const Pool& its_pool, const MapOptions& its_options, bool is_ordered, const F& f,
               Given&&... inputs)
        : ValueBatch<R>(its_pool, its_options, is_ordered),
          inputs_(static_cast<Given&&>(inputs)...) {
        check_pointers(this->client(), "the function", f);
        append_parts(message_, f);
        bytes_of_function_ = message_.size();
        if constexpr (is_kept<F>()) {
            function_ = std::make_shared<F>(f);
        }
        this->set_total(inputs_.size());
    }

  private:
    using Call = PartCall<F, TaskValue<ItemOf<Given>>...>;
    using Items = std::vector<std::tuple<TaskValue<ItemOf<Given>>...>>;

    static constexpr bool keeps_items = (is_kept<TaskValue<ItemOf<Given>>>() || ...);
    struct Kept {
        std::shared_ptr<const F> function;
        Items items;
    };

    bool read_item() override {
        return inputs_.next([this](auto&&... its_items) {
            add(as_argument<TaskValue<ItemOf<Given>>>(
                static_cast<decltype(its_items)>(its_items))...);
        });
    }

    void add(const TaskValue<ItemOf<Given>>&... arguments) {
        this->item_is_read();
        (check_pointers(this->client(), "an item", arguments), ...);
        append_parts(message_, arguments...);
        if constexpr (keeps_items) {
            items_.emplace_back(arguments...);
        }
    }

    std::shared_ptr<AnyValueState> submit_part(std::uint64_t items) override {
        std::shared_ptr<const void> kept = function_;
        if constexpr (keeps_items) {
            kept = std::make_shared<Kept>(Kept{function_, items_});
        }
        auto state = std::make_shared<PartState<R>>(items, std::move(kept));
        TaskSpec spec;
        spec.call = &Call::run;
        spec.code = reinterpret_cast<const void*>(spec.call);
        spec.message = message_;
        if (!this->submit(spec, state)) {
            return nullptr;
        }
        message_.resize(bytes_of_function_);
        items_.clear();
        return state;
    }

    ZippedInputs<Given...> inputs_;
    Bytes message_;
    std::size_t bytes_of_function_ = 0;
    std::shared_ptr<const F> function_;  // if its message only names something
    Items items_;                        // the same
};

}  // namespace detail
}  // namespace pinfold
