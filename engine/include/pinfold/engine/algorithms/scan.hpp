#pragma once

#include <cstdint>
#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/scans.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold {

/// inclusive_scan() of f(x) of each element: f(x0) op f(x1) op ... op f(xi).
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("to be"));
///     const auto blanks = pool.array<int>(text.size());
///     pinfold::transform_inclusive_scan(pool, text, blanks, std::plus<>{},
///                                       [](char c) { return c == ' ' ? 1 : 0; });
///     assert(blanks[1] == 0 && blanks[2] == 1 && blanks[4] == 1);
template <typename In = Range, typename Out, typename Op, typename F>
JobReport transform_inclusive_scan(Pool& pool, const In& in, const Out& out, Op op, F f,
                                   const JobSettings& settings = {}) {
    using T = detail::ScannedValue<In, F>;
    if constexpr (detail::check_scan<In, Out, Op, F, T>()) {
        return detail::scan<detail::ScanKind::inclusive, In, Out, Op, F, T>(pool, in, out, op, f,
                                                                            nullptr, settings);
    }
    return {};
}

template <typename In = Range, typename Out, typename Op, typename F, typename T>
requires(!detail::is_options<T>) JobReport
    transform_inclusive_scan(Pool& pool, const In& in, const Out& out, Op op, F f, T init,
                             const JobSettings& settings = {}) {
    if constexpr (detail::check_scan<In, Out, Op, F, T>()) {
        return detail::scan<detail::ScanKind::inclusive>(pool, in, out, op, f, std::addressof(init),
                                                         settings);
    }
    return {};
}

/// out[i] = x0 op x1 op ... op xi, for each element by its place i in the input. Without `op` it
/// adds. With an init, that comes first: init op x0 op ... op xi.
///
///     pinfold::Pool pool;
///     const auto x = pool.array(std::vector<int>{3, 1, 4, 1, 5});
///     const auto sums = pool.array<int>(x.size());
///     pinfold::inclusive_scan(pool, x, sums);
///     assert(sums[0] == 3 && sums[4] == 14);
///     pinfold::inclusive_scan(pool, x, sums, [](int a, int b) { return std::max(a, b); });
///     assert(sums[1] == 3 && sums[4] == 5);
///
/// The input and the output are as for transform(): of the same size, apart from each other. `op`
/// is associative, and need not be commutative. It is called with two values of the init's type, or
/// without one of the elements' type, and returns such a one; see transform_reduce(). What the
/// output's elements cannot hold is cut off as a static_cast does it: a sum of bytes needs an
/// output, and an init, of a wider type.
///
/// The values depend on the input, the grain and the functions alone: sums of floating-point
/// numbers have the same bits on each crew and with any number of workers. They differ from those
/// of another grain, and of a loop, by their rounding, as the standard's do. Values that follow
/// each other may round differently, so sums of positive numbers need not ascend in the last bit.
///
/// Run time: one pass over the input, as a chunk of the default grain is still in the cache when it
/// is read again; `op` is called twice for an element. Memory: the output, and two values for each
/// chunk. A `grain` larger than a cache costs a second reading.
/// A chunk whose worker dies runs again. Meanwhile its successors go on: they reduce it themselves.
/// Where `op` itself is what kills, JobFailed may name the chunk behind the one with the element.
/// Errors and thread-safety: as for map_reduce(). Throws std::invalid_argument also for
/// OnPoison::skip and a journal. A look_ahead is as for stream().
/// Algorithm: Merrill and Garland, "Single-pass Parallel Prefix Scan with Decoupled Look-back",
/// 2016, in which nobody waits: what is not there yet is made once more.
template <typename In = Range, typename Out>
JobReport inclusive_scan(Pool& pool, const In& in, const Out& out,
                         const JobSettings& settings = {}) {
    return transform_inclusive_scan(pool, in, out, std::plus<>{}, std::identity{}, settings);
}

template <typename In = Range, typename Out, typename Op>
requires(!detail::is_options<Op>) JobReport
    inclusive_scan(Pool& pool, const In& in, const Out& out, Op op,
                   const JobSettings& settings = {}) {
    return transform_inclusive_scan(pool, in, out, op, std::identity{}, settings);
}

template <typename In = Range, typename Out, typename Op, typename T>
requires(!detail::is_options<T>) JobReport
    inclusive_scan(Pool& pool, const In& in, const Out& out, Op op, T init,
                   const JobSettings& settings = {}) {
    return transform_inclusive_scan(pool, in, out, op, std::identity{}, init, settings);
}

/// exclusive_scan() of f(x) of each element.
///
///     pinfold::Pool pool;
///     const auto begins = pool.array<double>(3);
///     pinfold::transform_exclusive_scan(pool, pinfold::Range{0, 3}, begins, 0.0, std::plus<>{},
///                                       [](auto k) { return 0.5 * double(k); });
///     assert(begins[0] == 0 && begins[1] == 0 && begins[2] == 0.5);
template <typename In = Range, typename Out, typename T, typename Op, typename F>
JobReport transform_exclusive_scan(Pool& pool, const In& in, const Out& out, T init, Op op, F f,
                                   const JobSettings& settings = {}) {
    if constexpr (detail::check_scan<In, Out, Op, F, T>()) {
        return detail::scan<detail::ScanKind::exclusive>(pool, in, out, op, f, std::addressof(init),
                                                         settings);
    }
    return {};
}

/// out[i] = init op x0 op ... op x(i-1): all that comes before an element, and not itself. What
/// else is told of inclusive_scan() holds for it.
///
///     pinfold::Pool pool;
///     const auto lengths = pool.array(std::vector<std::uint64_t>{5, 2, 9});
///     const auto begins = pool.array<std::uint64_t>(lengths.size());
///     pinfold::exclusive_scan(pool, lengths, begins, std::uint64_t{100});
///     assert(begins[0] == 100 && begins[1] == 105 && begins[2] == 107);
template <typename In = Range, typename Out, typename T>
JobReport exclusive_scan(Pool& pool, const In& in, const Out& out, T init,
                         const JobSettings& settings = {}) {
    return transform_exclusive_scan(pool, in, out, init, std::plus<>{}, std::identity{}, settings);
}

template <typename In = Range, typename Out, typename T, typename Op>
requires(!detail::is_options<Op>) JobReport
    exclusive_scan(Pool& pool, const In& in, const Out& out, T init, Op op,
                   const JobSettings& settings = {}) {
    return transform_exclusive_scan(pool, in, out, init, op, std::identity{}, settings);
}

// What is none of these calls.

template <typename... Arguments>
JobReport inclusive_scan(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: inclusive_scan(pool, range or array, "
                  "output [, reduction [, init]] [, options])");
    return {};
}

template <typename... Arguments>
JobReport transform_inclusive_scan(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: transform_inclusive_scan(pool, range or array, "
                  "output, reduction, f [, init] [, options])");
    return {};
}

template <typename... Arguments>
JobReport exclusive_scan(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: exclusive_scan(pool, range or array, "
                  "output, init [, reduction] [, options])");
    return {};
}

template <typename... Arguments>
JobReport transform_exclusive_scan(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: transform_exclusive_scan(pool, range or array, "
                  "output, init, reduction, f [, options])");
    return {};
}

}  // namespace pinfold
