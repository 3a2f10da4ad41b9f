#pragma once

// The calls of map_fold.hpp, checked and brought to one form. Not for users.

#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/chunk_jobs.hpp>
#include <pinfold/engine/detail/fold_results.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

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
        return fits;
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

}  // namespace pinfold::detail
