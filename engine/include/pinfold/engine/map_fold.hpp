#pragma once

// A job whose results are folded into a value of another type.

#include <pinfold/api.hpp>
#include <pinfold/engine/detail/map_folds.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <utility>

namespace pinfold {

/// Maps every chunk of `in` on the pool's workers, as map_reduce() does, and puts the results
/// together in an accumulator of any type, which stays here: a map of words, a vector, an open
/// file. `fold(accumulator, result)` is called in this thread, in ascending chunk order, when all
/// chunks are over. It changes the accumulator and returns nothing, or returns the next one.
/// Gives a JobResult of the accumulator.
///
///     pinfold::Pool pool;
///     const auto squares = pinfold::map_fold(
///         pool, pinfold::Range{0, 4}, [](const pinfold::Chunk& c) { return c.begin * c.begin; },
///         std::vector<std::uint64_t>(),
///         [](std::vector<std::uint64_t>& all, std::uint64_t next) { all.push_back(next); },
///         {.grain = 1});
///     assert(squares.value == std::vector<std::uint64_t>({0, 1, 4, 9}));
///
/// The accumulator can be moved; nothing else is asked of it, and it may be a reference_wrapper.
/// A result need not have a default constructor. All else is as for map_reduce(): what crosses, run
/// time, threads, what it throws. stream() folds while the job runs.
///
/// Memory: that of all results, until the fold is over; then that of the accumulator.
template <typename In = Range, typename Map, typename Accumulator, typename Fold>
auto map_fold(Pool& pool, const In& in, Map map, Accumulator accumulator, Fold fold,
              const JobSettings& settings = {}) {
    return detail::map_and_accumulate(pool, in, detail::NoJob{}, map, std::move(accumulator), fold,
                                      settings);
}

/// The same with a job, which each call of the map gets as its first argument.
template <typename In = Range, typename Job, typename Map, typename Accumulator, typename Fold>
requires(!detail::is_options<Fold>) auto map_fold(Pool& pool, const In& in, const Job& job, Map map,
                                                  Accumulator accumulator, Fold fold,
                                                  const JobSettings& settings = {}) {
    return detail::map_and_accumulate(pool, in, job, map, std::move(accumulator), fold, settings);
}

// What is none of these calls.

template <typename... Arguments>
auto map_fold(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: map_fold(pool, range or array, [job,] map, accumulator, "
                  "fold(accumulator, result) [, settings])");
    return JobResult<detail::Refused>{};
}

}  // namespace pinfold
