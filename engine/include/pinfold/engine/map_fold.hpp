#pragma once

// A job whose results are folded into a value of another type.

#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/chunk_jobs.hpp>
#include <pinfold/engine/detail/fold_results.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/parameters.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <type_traits>
#include <utility>

namespace pinfold {

namespace detail {

/// How a fold takes an accumulator and a result: it changes the one in its place, or returns the
/// next one.
template <typename Fold, typename Accumulator, typename R>
struct Accumulation {
    using Next = NextResult<R>;

    static constexpr bool changes() { return std::is_invocable_v<Fold&, Accumulator&, Next>; }
    static constexpr bool replaces() { return std::is_invocable_v<Fold&, Accumulator, Next>; }
    static constexpr bool gives_nothing() {
        if constexpr (changes()) {
            return std::is_void_v<std::invoke_result_t<Fold&, Accumulator&, Next>>;
        }
        return false;
    }
    /// It changes a copy, and returns nothing. What cannot fail to be copied may be a handle, such
    /// as a std::reference_wrapper, through which it changes something else.
    static constexpr bool is_lost() {
        constexpr bool is_handle =
            std::is_nothrow_copy_constructible_v<Accumulator> && !std::is_arithmetic_v<Accumulator>;
        return gives_nothing() && takes_first_by_value<Fold> && !is_handle;
    }
    static constexpr bool gives_next() {
        if constexpr (replaces()) {
            using Returned = std::invoke_result_t<Fold&, Accumulator, Next>;
            return std::is_same_v<std::remove_cvref_t<Returned>, Accumulator>;
        }
        return false;
    }
    /// `a += r` and the like, as a lambda that returns it by reference.
    static constexpr bool gives_itself() {
        if constexpr (changes()) {
            return std::is_same_v<std::invoke_result_t<Fold&, Accumulator&, Next>, Accumulator&>;
        }
        return false;
    }

    static void call(Fold& fold, Accumulator& now, Next&& next) {
        if constexpr (gives_nothing()) {
            fold(now, std::forward<Next>(next));
        } else if constexpr (gives_next()) {
            take_folded<Accumulator, std::invoke_result_t<Fold&, Accumulator, Next>>(
                now, fold(std::move(now), std::forward<Next>(next)));
        } else {
            take_folded<Accumulator, Accumulator&>(now, fold(now, std::forward<Next>(next)));
        }
    }
};

template <typename R, typename Accumulator, typename Fold>
consteval bool check_accumulation() {
    static_assert(!is_options<Fold> && !is_options<Accumulator>,
                  "pinfold: the fold is missing: map_fold(pool, range, map, accumulator, "
                  "fold(accumulator, result), settings)");
    if constexpr (!is_options<Fold> && !is_options<Accumulator>) {
        using How = Accumulation<Fold, Accumulator, R>;
        constexpr bool is_possible = How::changes() || How::replaces();
        static_assert(is_possible,
                      "pinfold: the fold is called as fold(accumulator, result): with the "
                      "accumulator as T& or T, and a result of the map by value or as const&");
        constexpr bool fits = How::gives_nothing() || How::gives_next() || How::gives_itself();
        static_assert(fits || !is_possible,
                      "pinfold: the fold returns nothing, after it has changed the accumulator in "
                      "its place, or the next accumulator, of the same type");
        static_assert(!How::is_lost(),
                      "pinfold: this fold changes a copy of the accumulator, and returns nothing: "
                      "let it take the accumulator by reference, fold(T& accumulator, result), or "
                      "return it");
        return fits && !How::is_lost();
    }
    return false;
}

template <typename In, typename Job, typename Map, typename Accumulator, typename Fold>
consteval bool check_map_fold() {
    if constexpr (check_parts<In, Job, Map>()) {
        using R = ResultOf<In, Job, Map>;
        if constexpr (check_result_crosses<R>()) {
            return check_accumulation<R, Accumulator, Fold>();
        }
    }
    return false;
}

template <typename In, typename Job, typename Map, typename Accumulator, typename Fold>
auto map_and_accumulate(Pool& pool, const In& in, const Job& job, const Map& map,
                        Accumulator accumulator, Fold& fold, const JobSettings& settings) {
    if constexpr (check_map_fold<In, Job, Map, Accumulator, Fold>()) {
        using R = ResultOf<In, Job, Map>;
        const auto input = input_of(in);
        check_here(pool, input, job, map);
        const CallData<MapOfCall<In, Job, Map>> call(job, map, input.data());
        JobSpec spec = job_spec<R>(plan_of(input, settings, bytes_on_a_board<R>), settings);
        set_call<R>(spec, call);
        JobResult<Accumulator> result{std::move(accumulator), {}};
        const JobRuns runs;
        result.report = run_job(pool, spec, [&](const Results& results) {
            tell_maps_ended();
            results.for_each([&](std::uint64_t i) {
                Accumulation<Fold, Accumulator, R>::call(fold, result.value,
                                                         next_result<R>(results, i));
            });
        });
        return result;
    } else {
        return JobResult<Refused>{};
    }
}

}  // namespace detail

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
