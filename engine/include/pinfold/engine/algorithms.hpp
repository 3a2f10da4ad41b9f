#pragma once

// Jobs whose functions are called for each element, shaped as the algorithms of the standard
// library. map_reduce.hpp has those that are called for each chunk.

#include <cstdint>
#include <functional>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/strings.hpp>

namespace pinfold {

// For all of them:
//
// The input is a Range, of which functions get the numbers as std::uint64_t, or an array of the
// pool, an shm::Array<T> or a std::span of one, of which they get the elements as const T&. A file
// is an array too: an shm::File of std::byte, an shm::FileView<T> or an shm::FileArray<T>.
//
// Functions run in the workers. What crosses with them, what is refused, how long a job takes, how
// it may end and what calls from several threads do, is as for map_reduce(): captures are values, a
// pointer into private memory is refused, a chunk may start more than once. A function of one
// parameter of a smaller type than the range's numbers, f(int), is refused by std::invalid_argument
// when the range goes beyond it.

/// Calls f(x) for each element, for what it does: it writes to arrays of the pool that it captured.
///
///     pinfold::Pool pool;
///     const auto squares = pool.array<std::uint64_t>(1000);
///     pinfold::for_each(pool, pinfold::Range{0, 1000}, [squares](auto k) { squares[k] = k * k; });
///     assert(squares[999] == 998001);
template <typename In = Range, typename F>
JobReport for_each(Pool& pool, const In& in, F f, const JobSettings& settings = {}) {
    if constexpr (detail::check_element_function<F, In>()) {
        using Map = detail::ForEachElement<detail::Meant<F>>;
        const auto input = detail::input_of(in);
        detail::check_elements_here(pool, input, f);
        return detail::run_elements(pool, input, Map{detail::meant(f)}, settings);
    }
    return {};
}

/// out[i] = f(x) for each element x, by its place i in the input. The output is an array of the
/// pool, as large as the input, which it may not overlap: else std::invalid_argument.
///
///     pinfold::Pool pool;
///     const auto in = pool.array(std::vector<double>{1, 2, 3});
///     const auto out = pool.array<double>(in.size());
///     const double mean = 2;
///     pinfold::transform(pool, in, out, [mean](double x) { return x - mean; });
///     assert(out[0] == -1 && out[2] == 1);
template <typename In = Range, typename Out, typename F>
JobReport transform(Pool& pool, const In& in, const Out& out, F f,
                    const JobSettings& settings = {}) {
    if constexpr (detail::check_element_function<F, In>() && detail::check_output<Out>() &&
                  detail::check_is_counted<In>()) {
        using Map = detail::TransformElements<detail::Meant<F>>;
        const auto input = detail::input_of(in);
        const auto output = detail::output_of(out);
        static_assert(detail::is_written<F, In, decltype(output)>,
                      "pinfold: what the function returns must convert to an element of the "
                      "output; does it return nothing?");
        if constexpr (detail::is_written<F, In, decltype(output)>) {
            detail::check_elements_here(pool, input, f);
            detail::check_output_here(pool, input, output);
            return detail::run_elements(pool, input, Map{detail::meant(f)}, settings, output);
        }
    }
    return {};
}

/// Reduces f(x) of all elements by `op`, from `init` on: op(op(init, f(x0)), f(x1)) and so on.
///
/// `op` is associative, else the value depends on the grain; it need not be commutative, and the
/// value has the same bits on each run. It is called with two T, and with a T and what f returns,
/// and gives a T: an init of another type than the values, such as 0 where f returns a double, is a
/// compile error. T crosses by its bytes: it is trivially copyable.
///
///     pinfold::Pool pool;
///     const auto zeta2 = pinfold::transform_reduce(
///         pool, pinfold::Range{1, 1'000'000}, 0.0, std::plus<>{},
///         [](auto k) { return 1 / (double(k) * double(k)); });
///     assert(std::abs(zeta2.value - 1.644933) < 1e-5);
template <typename In = Range, typename T, typename Op, typename F>
auto transform_reduce(Pool& pool, const In& in, T init, Op op, F f,
                      const JobSettings& settings = {}) {
    if constexpr (detail::check_transform_reduce<In, T, Op, F>()) {
        using Operation = detail::Meant<Op>;
        using Map = detail::ReduceElements<T, Operation, detail::Meant<F>>;
        const auto input = detail::input_of(in);
        detail::check_elements_here(pool, input, f);
        detail::check_pointers(pool, "the reduction", op);
        Operation fold = detail::meant(op);
        const Map map{detail::meant(op), detail::meant(f)};
        if constexpr (detail::is_cut<decltype(input)>) {
            return detail::reduce_pieces<T>(pool, input, map, fold, settings, init);
        } else {
            return detail::reduce_chunks<T>(pool, input, map, fold, settings, init);
        }
    } else {
        return JobResult<detail::Refused>{};
    }
}

/// The same for the elements themselves.
///
///     pinfold::Pool pool;
///     const auto v = pool.array(std::vector<int>{3, 1, 2});
///     assert(pinfold::reduce(pool, v, 0).value == 6);
///     assert(pinfold::reduce(pool, v, 1, std::multiplies<>{}).value == 6);
template <typename In = Range, typename T, typename Op>
auto reduce(Pool& pool, const In& in, T init, Op op, const JobSettings& settings = {}) {
    return transform_reduce(pool, in, init, op, std::identity{}, settings);
}

template <typename In = Range, typename T>
auto reduce(Pool& pool, const In& in, T init, const JobSettings& settings = {}) {
    return transform_reduce(pool, in, init, std::plus<>{}, std::identity{}, settings);
}

/// How many elements `predicate` holds for.
///
///     pinfold::Pool pool;
///     const auto even = pinfold::count_if(pool, pinfold::Range{0, 100},
///                                         [](auto k) { return k % 2 == 0; });
///     assert(even.value == 50);
template <typename In = Range, typename Predicate>
auto count_if(Pool& pool, const In& in, Predicate predicate, const JobSettings& settings = {}) {
    if constexpr (detail::check_predicate<Predicate, In>()) {
        using Map = detail::CountElements<detail::Meant<Predicate>>;
        const auto input = detail::input_of(in);
        detail::check_elements_here(pool, input, predicate);
        std::plus<> fold;
        return detail::reduce_chunks<std::uint64_t>(pool, input, Map{detail::meant(predicate)},
                                                    fold, settings, 0);
    } else {
        return JobResult<detail::Refused>{};
    }
}

/// The first element with the least f(x): its place, which in a range is the number itself, and
/// f(x). Gives a JobResult<std::optional<Found<V>>>, where V is what f returns; two V are compared
/// with operator<. Nothing is found in an empty input. A NaN is never found.
///
///     pinfold::Pool pool;
///     const auto nearest = pinfold::min_element(
///         pool, pinfold::Range{0, 100}, [](auto k) { return std::abs(double(k) - 41.7); });
///     assert(nearest.value->at == 42);
template <typename In = Range, typename F>
auto min_element(Pool& pool, const In& in, F f, const JobSettings& settings = {}) {
    return detail::find_best<std::less<>>(pool, in, f, settings);
}

template <typename In = Range>
auto min_element(Pool& pool, const In& in, const JobSettings& settings = {}) {
    return detail::find_best<std::less<>>(pool, in, std::identity{}, settings);
}

/// The first element with the greatest f(x); see min_element().
template <typename In = Range, typename F>
auto max_element(Pool& pool, const In& in, F f, const JobSettings& settings = {}) {
    return detail::find_best<std::greater<>>(pool, in, f, settings);
}

template <typename In = Range>
auto max_element(Pool& pool, const In& in, const JobSettings& settings = {}) {
    return detail::find_best<std::greater<>>(pool, in, std::identity{}, settings);
}

// What is none of these calls.

template <typename... Arguments>
JobReport for_each(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "for_each(pool, range or array, f [, "
                  "options])");
    return {};
}

template <typename... Arguments>
JobReport transform(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "transform(pool, range or array, "
                  "output, f [, options])");
    return {};
}

template <typename... Arguments>
auto transform_reduce(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "transform_reduce(pool, range or "
                  "array, init, reduction, f [, options])");
    return JobResult<detail::Refused>{};
}

template <typename... Arguments>
auto reduce(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "reduce(pool, range or array, init "
                  "[, reduction] [, options])");
    return JobResult<detail::Refused>{};
}

template <typename... Arguments>
auto count_if(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "count_if(pool, range or array, "
                  "predicate [, options])");
    return JobResult<detail::Refused>{};
}

template <typename... Arguments>
auto min_element(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "min_element(pool, range or array [, f] [, options])");
    return JobResult<detail::Refused>{};
}

template <typename... Arguments>
auto max_element(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "max_element(pool, range or array [, f] [, options])");
    return JobResult<detail::Refused>{};
}

}  // namespace pinfold
