#pragma once

// Maps of chunks that call a function for each element, and the checks of such functions. Not for
// users.

#include <cstdint>
#include <functional>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/elements.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/parameters.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// What a function of an input's elements is called with.
template <typename In>
struct ElementOf {
    using Type = std::uint64_t;
};
template <typename In>
requires requires {
    typename In::Element;
}
struct ElementOf<In> {
    using Type = const typename In::Element&;
};
template <typename In>
using Element = typename ElementOf<InputOf<In>>::Type;

template <typename F, typename In>
using ElementCall = MapCall<Meant<F>, Element<In>>;

template <typename F>
struct ForEachElement {
    F f;

    void operator()(const Chunk& chunk) const { all(elements_of(chunk)); }
    template <typename T>
    void operator()(std::span<const T> elements) const {
        all(elements);
    }
    template <Indexed E>
    void operator()(const E& elements) const {
        all<decltype(elements_of(elements))>(elements_of(elements));
    }
    template <typename Cut>
    void operator()(const Pieces<Cut>& pieces) const {
        for (const std::string_view piece : pieces) {
            static_cast<void>(std::invoke(f, piece));
        }
    }

  private:
    template <typename Elements>
    void all(Elements elements) const {
        for (std::uint64_t i = 0; i < elements.size(); ++i) {
            static_cast<void>(std::invoke(f, elements[i]));
        }
    }
};

template <typename F>
struct TransformElements {
    F f;

    template <typename Out>
    void operator()(std::span<Out> out, const Chunk& chunk) const {
        all(elements_of(chunk), out);
    }
    template <typename T, typename Out>
    void operator()(std::span<const T> elements, std::span<Out> out) const {
        all(elements, out);
    }
    template <Indexed E, typename Out>
    void operator()(const E& elements, std::span<Out> out) const {
        all<decltype(elements_of(elements))>(elements_of(elements), out);
    }

  private:
    template <typename Elements, typename Out>
    void all(Elements elements, std::span<Out> out) const {
        for (std::uint64_t i = 0; i < elements.size(); ++i) {
            out[i] = static_cast<Out>(std::invoke(f, elements[i]));
        }
    }
};

/// The reduction of a chunk, which has at least one element: no value of R is needed that changes
/// nothing. Of pieces, none may start in a chunk. `op` is called by itself: behind std::invoke, g++
/// 12 keeps the members of a value apart (front_door_bench, linear regression: 15 %).
template <typename R, typename Op, typename F>
struct ReduceElements {
    Op op;
    F f;

    R operator()(const Chunk& chunk) const { return all(elements_of(chunk)); }
    template <typename T>
    R operator()(std::span<const T> elements) const {
        return all(elements);
    }
    template <Indexed E>
    R operator()(const E& elements) const {
        return all<decltype(elements_of(elements))>(elements_of(elements));
    }
    template <typename Cut>
    std::optional<R> operator()(const Pieces<Cut>& pieces) const {
        auto piece = pieces.begin();
        const auto end = pieces.end();
        if (piece == end) {
            return std::nullopt;
        }
        auto value = static_cast<R>(std::invoke(f, *piece));
        for (++piece; piece != end; ++piece) {
            value = op(std::move(value), std::invoke(f, *piece));
        }
        return value;
    }

  private:
    template <typename Elements>
    R all(Elements elements) const {
        auto value = static_cast<R>(std::invoke(f, elements[0]));
        for (std::uint64_t i = 1; i < elements.size(); ++i) {
            value = op(std::move(value), std::invoke(f, elements[i]));
        }
        return value;
    }
};

template <typename Predicate>
struct CountElements {
    Predicate holds;

    std::uint64_t operator()(const Chunk& chunk) const { return all(elements_of(chunk)); }
    template <typename T>
    std::uint64_t operator()(std::span<const T> elements) const {
        return all(elements);
    }
    template <Indexed E>
    std::uint64_t operator()(const E& elements) const {
        return all<decltype(elements_of(elements))>(elements_of(elements));
    }
    template <typename Cut>
    std::uint64_t operator()(const Pieces<Cut>& pieces) const {
        std::uint64_t count = 0;
        for (const std::string_view piece : pieces) {
            count += std::invoke(holds, piece) ? 1U : 0U;
        }
        return count;
    }

  private:
    template <typename Elements>
    std::uint64_t all(Elements elements) const {
        std::uint64_t count = 0;
        for (std::uint64_t i = 0; i < elements.size(); ++i) {
            count += std::invoke(holds, elements[i]) ? 1U : 0U;
        }
        return count;
    }
};

/// The best of two that were found, the first of equal ones.
template <typename Found, typename Better>
std::optional<Found> better_of(const std::optional<Found>& a, const std::optional<Found>& b) {
    return !a || (b && Better{}(b->value, a->value)) ? b : a;
}

/// The first element of a chunk whose f is the best. A value that does not equal itself, a NaN, is
/// never found.
template <typename Found, typename Better, typename F>
struct FindBest {
    F f;

    std::optional<Found> operator()(const Chunk& chunk) const {
        return among(elements_of(chunk), chunk.begin);
    }
    template <typename T>
    std::optional<Found> operator()(std::span<const T> elements, const Chunk& chunk) const {
        return among(elements, chunk.begin);
    }
    template <Indexed E>
    std::optional<Found> operator()(const E& elements, const Chunk& chunk) const {
        return among<decltype(elements_of(elements))>(elements_of(elements), chunk.begin);
    }
    template <typename Cut>
    std::optional<Found> operator()(const Pieces<Cut>& pieces, const Chunk&) const {
        std::optional<Found> best;
        for (auto piece = pieces.begin(); piece != pieces.end(); ++piece) {
            keep_better(best, {piece.offset(), std::invoke(f, *piece)});
        }
        return best;
    }

  private:
    static void keep_better(std::optional<Found>& best, const Found& found) {
        const bool is_nan = !(found.value == found.value);
        if (!is_nan && (!best || Better{}(found.value, best->value))) {
            best = found;
        }
    }

    template <typename Elements>
    std::optional<Found> among(Elements elements, std::uint64_t first) const {
        std::optional<Found> best;
        for (std::uint64_t i = 0; i < elements.size(); ++i) {
            keep_better(best, {first + i, std::invoke(f, elements[i])});
        }
        return best;
    }
};

/// A function of elements that can be called so, and can cross.
template <typename F, typename In>
consteval bool check_element_function() {
    if constexpr (check_input<In>() && check_function<F>()) {
        constexpr bool is_possible = ElementCall<F, In>::is_possible;
        static_assert(is_possible || !check_constant<ElementCall<F, In>>(),
                      "pinfold: the function is called for each element: f(k) with a std::uint64_t "
                      "of a range, f(x) with a const T& of an array, which is read only: write to "
                      "another array, by transform or by capturing it; f(line) with a "
                      "std::string_view of lines, words, records and strings, f(file) with a const "
                      "InputFile& of files. map_reduce and for_each_chunk call theirs with a "
                      "chunk");
        return is_possible &&
               check_outlives<typename InputOf<In>::Data, typename ElementCall<F, In>::Value>();
    }
    return false;
}

/// Whether a V becomes an R without a loss that one would not expect of numbers.
template <typename V, typename R>
inline constexpr bool loses_digits =
    std::is_arithmetic_v<V>&& std::is_arithmetic_v<R> && !std::is_same_v<V, R> &&
    ((std::is_floating_point_v<V> && !std::is_floating_point_v<R>) ||
     (std::is_floating_point_v<V> == std::is_floating_point_v<R> && sizeof(V) > sizeof(R)));

template <typename R, typename Op, typename A, typename B>
consteval bool gives() {
    if constexpr (std::is_invocable_v<const Op&, A, B>) {
        return std::is_same_v<R, std::remove_cvref_t<std::invoke_result_t<const Op&, A, B>>>;
    }
    return false;
}

/// A reduction of values of type V, from an R on.
template <typename R, typename Op, typename V>
consteval bool check_reduction() {
    using Operation = Meant<Op>;
    constexpr bool is_in_order = !std::is_invocable_v<R&, V, V> || std::is_invocable_v<Op&, V, V>;
    static_assert(is_in_order,
                  "pinfold: the init stands before the reduction: (pool, range or array, init, "
                  "reduction, function)");
    if constexpr (is_in_order && check_function<Op>() && check_result<R>()) {
        constexpr bool can_start = std::is_convertible_v<V, R> && !std::is_void_v<V>;
        static_assert(can_start,
                      "pinfold: what is reduced must convert to the type of the init; does the "
                      "function return nothing?");
        constexpr bool is_invocable = std::is_invocable_v<const Operation&, R, V> &&
                                      std::is_invocable_v<const Operation&, R, R>;
        static_assert(is_invocable || !can_start,
                      "pinfold: the reduction is called as op(a, b) with two values of the init's "
                      "type: is there an operator for it? Its place is behind the init");
        constexpr bool keeps_type = gives<R, Operation, R, R>() && gives<R, Operation, R, V>() &&
                                    !loses_digits<V, R> && !takes_other_number<Operation, R>;
        static_assert(keeps_type || !is_invocable || !can_start,
                      "pinfold: the init, what is reduced and the reduction have different types, "
                      "and each step would convert to the init's: give the init the type of the "
                      "values, 0.0 for double or std::uint64_t{0}");
        return can_start && is_invocable && keeps_type;
    }
    return false;
}

template <typename In, typename T, typename Op, typename F>
consteval bool check_transform_reduce() {
    if constexpr (check_element_function<F, In>()) {
        return check_reduction<T, Op, typename ElementCall<F, In>::Value>();
    }
    return false;
}

template <typename Predicate, typename In>
consteval bool check_predicate() {
    if constexpr (check_element_function<Predicate, In>()) {
        constexpr bool tells =
            std::is_convertible_v<typename ElementCall<Predicate, In>::Value, bool>;
        static_assert(tells, "pinfold: the predicate returns a bool");
        return tells;
    }
    return false;
}

/// Throws std::invalid_argument when numbers of the input do not fit into what f takes.
template <typename F, typename Input>
void check_numbers_for([[maybe_unused]] const Input& input) {
    constexpr std::uint64_t highest = highest_argument<Meant<F>>;
    if constexpr (std::is_same_v<Input, RangeInput> && highest != ~std::uint64_t{0}) {
        check_numbers(input.range, highest);
    }
}

/// What cannot be known before the call of a function of elements.
template <typename F, typename Input>
void check_elements_here(const Pool& pool, const Input& input, const F& f) {
    input.check(pool);
    check_pointers(pool, "the function", f);
    check_numbers_for<F>(input);
}

/// Runs `map` for each chunk of `input` and folds what it returns.
template <typename R, typename Input, typename Map, typename Fold>
JobResult<R> reduce_chunks(Pool& pool, const Input& input, const Map& map, Fold& fold,
                           const JobSettings& settings, const R& init) {
    const CallData<MapOfChunks<Map, NoJob, typename Input::Data>> call(NoJob{}, map, input.data());
    return run_and_fold_chunks<R>(pool, plan_of(input, settings, bytes_on_a_board<R>), call, fold,
                                  settings, std::addressof(init));
}

/// The same for pieces, of which a chunk may have none.
template <typename R, typename Input, typename Map, typename Fold>
JobResult<R> reduce_pieces(Pool& pool, const Input& input, const Map& map, Fold& fold,
                           const JobSettings& settings, const R& init) {
    using Part = std::optional<R>;
    auto join = [&fold](Part a, const Part& b) -> Part {
        return b ? Part(fold(*std::move(a), *b)) : a;
    };
    JobResult<Part> joined = reduce_chunks<Part>(pool, input, map, join, settings, Part(init));
    return {*std::move(joined.value), std::move(joined.report)};
}

/// Whether what F returns can be assigned to an element of the output.
template <typename F, typename In, typename Out>
inline constexpr bool is_written =
    std::is_convertible_v<typename ElementCall<F, In>::Value, typename Out::Element>;

/// Runs `map` for each chunk of `input`.
template <typename Input, typename Map>
JobReport run_elements(Pool& pool, const Input& input, const Map& map,
                       const JobSettings& settings) {
    const CallData<MapOfChunks<Map, NoJob, typename Input::Data>> call(NoJob{}, map, input.data());
    return run_chunks(pool, plan_of(input, settings, 0), call, settings);
}
template <typename Input, typename Map, typename Out>
JobReport run_elements(Pool& pool, const Input& input, const Map& map, const JobSettings& settings,
                       const Out& output) {
    const CallData<MapOfChunks<Map, NoJob, typename Input::Data, typename Out::Data>> call(
        NoJob{}, map, input.data(), output.data(input.range.begin));
    return run_chunks(pool, plan_of(input, settings, 0), call, settings);
}

/// A function whose values are compared.
template <typename Better, typename F, typename In>
consteval bool check_compared() {
    if constexpr (check_element_function<F, In>()) {
        using V = typename ElementCall<F, In>::Value;
        static_assert(!std::is_void_v<V>,
                      "pinfold: this function returns nothing, so there is no least or greatest: "
                      "return a value");
        if constexpr (!std::is_void_v<V>) {
            constexpr bool compares = std::is_invocable_r_v<bool, Better, const V&, const V&>;
            static_assert(compares, "pinfold: what the function returns is compared by <");
            return compares && check_result<std::optional<Found<V>>>();
        }
    }
    return false;
}

template <typename Better, typename In, typename F>
auto find_best(Pool& pool, const In& in, const F& f, const JobSettings& settings) {
    if constexpr (check_compared<Better, F, In>()) {
        using Place = Found<typename ElementCall<F, In>::Value>;
        const auto input = input_of(in);
        check_elements_here(pool, input, f);
        auto fold = better_of<Place, Better>;
        return reduce_chunks<std::optional<Place>>(
            pool, input, FindBest<Place, Better, Meant<F>>{meant(f)}, fold, settings, std::nullopt);
    } else {
        return JobResult<Refused>{};
    }
}

}  // namespace pinfold::detail
