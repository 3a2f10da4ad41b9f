#pragma once

#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/algorithms/selections.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/pointer_checks.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold {

/// Copies of all elements but those that equal the one before them, in their order, as an array of
/// the pool: a JobResult<shm::Array<T>>. So the first of each row of equal elements stays.
///
///     pinfold::Pool pool;
///     const auto x = pool.array(std::vector<int>{1, 1, 2, 2, 2, 1});
///     const auto rows = pinfold::unique(pool, x).value;
///     assert(rows.size() == 3 && rows[0] == 1 && rows[1] == 2 && rows[2] == 1);
///
/// equal(a, b) is called with an element and the one behind it, both as const T&; by default it is
/// `==`, by which each NaN stays. All else is as for copy_if().
template <typename In = Range, typename Equal>
requires(!detail::is_options<Equal> &&
         !detail::IsOutput<Equal>) auto unique(Pool& pool, const In& in, Equal equal,
                                               const JobSettings& settings = {}) {
    using Meant = detail::Meant<Equal>;
    if constexpr (detail::check_neighbours<Equal, In>()) {
        detail::check_runs_all_chunks("unique", settings);
        const auto input = detail::input_of(in);
        input.check(pool);
        detail::check_pointers(pool, "the function", equal);
        return detail::select<detail::ElementCopy<In>>(
            pool, input, detail::KeepFirsts<Meant>{detail::meant(equal)}, settings);
    } else {
        return JobResult<detail::Refused>{};
    }
}

template <typename In = Range>
auto unique(Pool& pool, const In& in, const JobSettings& settings = {}) {
    return unique(pool, in, std::equal_to<>{}, settings);
}

/// The same to the begin of an output of the input's size, as copy_if() into one.
template <typename In = Range, typename Out, typename Equal>
requires(detail::IsOutput<Out> &&
         !detail::is_options<Equal>) auto unique(Pool& pool, const In& in, const Out& out,
                                                 Equal equal, const JobSettings& settings = {}) {
    using Meant = detail::Meant<Equal>;
    if constexpr (detail::check_neighbours<Equal, In>() && detail::check_copied<In, Out>()) {
        detail::check_runs_all_chunks("unique", settings);
        const auto input = detail::input_of(in);
        input.check(pool);
        detail::check_pointers(pool, "the function", equal);
        return detail::select_into(pool, input, detail::KeepFirsts<Meant>{detail::meant(equal)},
                                   detail::output_of(out), settings);
    } else {
        return JobResult<detail::Refused>{};
    }
}

template <typename In = Range, detail::IsOutput Out>
auto unique(Pool& pool, const In& in, const Out& out, const JobSettings& settings = {}) {
    return unique(pool, in, out, std::equal_to<>{}, settings);
}

// What is none of these calls.

template <typename... Arguments>
auto unique(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: unique(pool, range or array [, output] [, equal] [, options])");
    return JobResult<detail::Refused>{};
}

}  // namespace pinfold
