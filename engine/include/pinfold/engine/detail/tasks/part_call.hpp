#pragma once

// The message of a part of a batch, how a worker runs it, and its results. Not for users.
//
//     message:  | bytes of f | f | then for each item: bytes of it | its arguments |
//     result:   of one item that of a task; of more, one behind the other: by their bytes, or
//               | bytes | message | for each
//
// f and the arguments of an item are written as those of a task are.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/tasks/task_message.hpp>
#include <pinfold/engine/detail/tasks/task_result.hpp>
#include <pinfold/engine/detail/tasks/task_spec.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::detail {

using Bytes = std::vector<std::byte>;

/// Appends what `write` writes to a span, which it returns the size of; if it has no room, `write`
/// is called again. The size stands before it.
template <typename Write>
void append_sized(Bytes& bytes, const Write& write) {
    std::size_t size = 0;
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof size + 64);
    const auto room = [&] { return std::span(bytes).subspan(at + sizeof size); };
    size = write(room());
    if (size > room().size()) {
        bytes.resize(at + sizeof size + size);
        if (write(room()) != size) {
            refuse_other_size("a value of a batch");
        }
    }
    bytes.resize(at + sizeof size + size);
    std::memcpy(bytes.data() + at, &size, sizeof size);
}

/// What append_sized() has appended, piece by piece.
class PINFOLD_API SizedPieces {
  public:
    explicit SizedPieces(std::span<const std::byte> all) noexcept : left_(all) {}
    [[nodiscard]] bool is_over() const noexcept { return left_.size() < sizeof(std::size_t); }
    [[nodiscard]] std::span<const std::byte> next() noexcept {
        std::size_t size = 0;
        if (is_over()) {
            return {};
        }
        std::memcpy(&size, left_.data(), sizeof size);
        left_ = left_.subspan(sizeof size);
        const auto piece = left_.first(size < left_.size() ? size : left_.size());
        left_ = left_.subspan(piece.size());
        return piece;
    }

  private:
    std::span<const std::byte> left_;
};

/// Appends parts of a message as a task has them.
template <typename... Parts>
void append_parts(Bytes& bytes, const Parts&... parts) {
    TaskMessage message(TaskLayout<Parts...>::fixed);
    TaskLayout<Parts...>::write(message, parts...);
    const std::span<const std::byte> all = message.all();
    append_sized(bytes, [all](std::span<std::byte> to) {
        if (all.size() <= to.size() && !all.empty()) {
            std::memcpy(to.data(), all.data(), all.size());
        }
        return all.size();
    });
}

// ---- a call for an item

template <typename F, typename Tuple, typename Indexes>
struct TupleCall {
    static constexpr bool is_possible = false;
};
template <typename F, typename Tuple, std::size_t... i>
struct TupleCall<F, Tuple, std::index_sequence<i...>> {
    static constexpr bool is_possible =
        std::is_invocable_v<const F&, std::tuple_element_t<i, Tuple>...>;
    static decltype(auto) call(const F& f, Tuple&& tuple) {
        return std::invoke(f, std::get<i>(static_cast<Tuple&&>(tuple))...);
    }
};

template <typename T>
constexpr auto indexes_of() noexcept {
    if constexpr (requires { std::tuple_size<T>::value; }) {
        return std::make_index_sequence<std::tuple_size_v<T>>{};
    } else {
        return 0;  // is no tuple
    }
}

/// A call of f with the arguments of an item, or with the members of a tuple that is its only one.
template <typename F, typename... As>
struct ItemCall {
    static constexpr bool is_direct = std::is_invocable_v<const F&, As...>;
    static constexpr bool is_possible = is_direct;
    static constexpr bool is_mutable = !is_direct && std::is_invocable_v<F&, As...>;
    static decltype(auto) call(const F& f, As&&... as) {
        return std::invoke(f, static_cast<As&&>(as)...);
    }
};
template <typename F, typename A>
struct ItemCall<F, A> {
    using Indexes = decltype(indexes_of<A>());
    using OfTuple = TupleCall<F, A, Indexes>;
    static constexpr bool is_direct = std::is_invocable_v<const F&, A>;
    static constexpr bool is_possible = is_direct || OfTuple::is_possible;
    static constexpr bool is_mutable = !is_possible && std::is_invocable_v<F&, A>;
    static decltype(auto) call(const F& f, A&& a) {
        if constexpr (is_direct) {
            return std::invoke(f, static_cast<A&&>(a));
        } else {
            return OfTuple::call(f, static_cast<A&&>(a));
        }
    }
};

// ---- in a worker

/// Results of a part, in the worker, until all are there.
template <typename R>
class PartResults {
  public:
    void add(const R& result) {
        if constexpr (std::is_trivially_copyable_v<R>) {
            const std::size_t at = bytes_.size();
            bytes_.resize(at + sizeof(R));
            std::memcpy(bytes_.data() + at, std::addressof(result), sizeof(R));
        } else {
            append_sized(bytes_, [&](std::span<std::byte> to) {
                return shm::CrossingOf<R>::write(result, to);
            });
        }
    }

    void write(ResultSlot& slot, ResultBlocks& blocks) const {
        std::byte* to = slot.here;
        if (bytes_.size() > ResultSlot::room) {
            slot.block = blocks.take(bytes_.size());
            to = slot.block;
        }
        std::memcpy(to, bytes_.data(), bytes_.size());
        slot.bytes = bytes_.size();
    }

  private:
    Bytes bytes_;
};

/// How a worker runs a part: F and the As each may be Trusted.
template <typename F, typename... As>
struct PartCall {
    using Call = ItemCall<Meant<F>, Meant<As>...>;
    using Result = std::decay_t<decltype(Call::call(std::declval<const Meant<F>&>(),
                                                    std::declval<Meant<As>>()...))>;

    static void run(const RunningTask& task) {
        SizedPieces pieces({task.message, task.bytes});
        MadePart<F> function(TaskLayout<F>::read(pieces.next().data())[0]);
        const auto call_next = [&]() -> Result {
            return call(function.value(), pieces.next(), std::index_sequence_for<As...>{});
        };
        if constexpr (std::is_void_v<Result>) {
            while (!pieces.is_over()) {
                call_next();
            }
            task.result->bytes = 0;
        } else {
            run_for_results(task, pieces, call_next);
        }
    }

  private:
    template <typename CallNext>
    static void run_for_results(const RunningTask& task, const SizedPieces& pieces,
                                const CallNext& call_next) {
        const SizedPieces before = pieces;
        SizedPieces second = before;
        static_cast<void>(second.next());
        if (second.is_over()) {
            write_task_result<Result>(*task.result, call_next(), *task.blocks);
            return;
        }
        PartResults<Result> results;
        while (!pieces.is_over()) {
            results.add(call_next());
        }
        results.write(*task.result, *task.blocks);
    }

    template <std::size_t... i>
    static Result call(const Meant<F>& f, std::span<const std::byte> item,
                       std::index_sequence<i...>) {
        const auto parts = TaskLayout<As...>::read(item.data());
        std::tuple<MadePart<As>...> arguments(parts[i]...);
        return Call::call(f, static_cast<Meant<As>&&>(std::get<i>(arguments).value())...);
    }
};

}  // namespace pinfold::detail
