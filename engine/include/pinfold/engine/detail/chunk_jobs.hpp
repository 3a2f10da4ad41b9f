#pragma once

// The calls of map_reduce.hpp, checked and brought to one form. Not for users.

#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/pool.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// The map of a call with this input and this job, as workers call it.
template <typename In, typename Job, typename Map>
using MapOfCall = MapOfChunks<Meant<Map>, decltype(job_before(std::declval<const Job&>())),
                              typename InputOf<In>::Data>;

template <typename In, typename Job, typename Map>
constexpr auto result_of_call() {
    if constexpr (requires { typename InputOf<In>; }) {
        return std::type_identity<typename MapOfCall<In, Job, Map>::Call::Value>{};
    } else {
        return std::type_identity<Refused>{};
    }
}
template <typename In, typename Job, typename Map>
using ResultOf = typename decltype(result_of_call<In, Job, Map>())::type;

/// What braces at the end of a call are.
template <typename R>
using OptionsFor = JobOptions<std::conditional_t<std::is_void_v<R>, NoInit, R>>;
template <typename In, typename Job, typename Map>
using OptionsOf = OptionsFor<ResultOf<In, Job, Map>>;

template <typename Data>
consteval bool check_call() {
    if constexpr (check_constant<typename Data::Call>()) {
        constexpr bool is_possible = Data::Call::is_possible;
        static_assert(
            is_possible,
            "pinfold: the map cannot be called so: map(chunk) of a range, map(elements, "
            "chunk) or map(elements) of an array, where elements is a std::span<const T>, "
            "which is read only, or of lines, strings and files a range of them, of which "
            "for_each, transform_reduce and count_if take a function of one; map(job, ...) "
            "where a job stands before it. Is the map "
            "or the fold missing? An init stands in the options, {.init = x}");
        return is_possible && check_outlives<decltype(Data::in), typename Data::Call::Value>();
    }
    return false;
}

/// Whether a job, a map and an input go together.
template <typename In, typename Job, typename Map>
consteval bool check_parts() {
    if constexpr (check_input<In>() && check_job_type<Job>() && check_function<Map>()) {
        return check_call<MapOfCall<In, Job, Map>>();
    }
    return false;
}

template <typename R, typename Fold, typename Options>
consteval bool check_value() {
    if constexpr (check_result<R>()) {
        return check_fold<R, Fold>() && check_options<R, Options>();
    }
    return false;
}

template <typename In, typename Job, typename Map, typename Fold, typename Options>
consteval bool check_map_reduce() {
    if constexpr (check_parts<In, Job, Map>()) {
        return check_value<ResultOf<In, Job, Map>, Fold, Options>();
    }
    return false;
}

template <typename Input, typename Job, typename Map>
void check_here(const Pool& pool, const Input& input, const Job& job, const Map& map) {
    input.check(pool);
    check_job_here(pool, job);
    check_pointers(pool, "the map", map);
}

template <typename In, typename Job, typename Map, typename Fold, typename Options>
auto map_and_fold(Pool& pool, const In& in, const Job& job, const Map& map, Fold& fold,
                  const Options& options) {
    if constexpr (check_map_reduce<In, Job, Map, Fold, Options>()) {
        using R = ResultOf<In, Job, Map>;
        const auto input = input_of(in);
        check_here(pool, input, job, map);
        const CallData<MapOfCall<In, Job, Map>> call(job, map, input.data());
        const JobSettings& settings = settings_of(options);
        return run_and_fold_chunks<R>(pool, plan_of(input, settings, bytes_on_a_board<R>), call,
                                      fold, settings, init_of<R>(options));
    } else {
        return JobResult<Refused>{};
    }
}

template <typename In, typename Job, typename Map>
JobReport map_chunks(Pool& pool, const In& in, const Job& job, const Map& map,
                     const JobSettings& settings) {
    if constexpr (check_parts<In, Job, Map>()) {
        const auto input = input_of(in);
        check_here(pool, input, job, map);
        const CallData<MapOfCall<In, Job, Map>> call(job, map, input.data());
        return run_chunks(pool, plan_of(input, settings, 0), call, settings);
    } else {
        return {};
    }
}

// ---- with an output

template <typename In, typename Out, typename Job, typename Map>
JobReport transform_data(Pool& pool, const In& in, const Out& out, const Job& job, const Map& map,
                         const JobSettings& settings) {
    if constexpr (check_input<In>() && check_output<Out>() && check_is_counted<In>() &&
                  check_job_type<Job>() && check_function<Map>()) {
        const auto input = input_of(in);
        const auto output = output_of(out);
        using Data = MapOfChunks<Meant<Map>, decltype(job_before(job)), typename InputOf<In>::Data,
                                 typename OutputOf<Out>::Data>;
        static_assert(Data::Call::is_possible || !check_constant<typename Data::Call>(),
                      "pinfold: the map is called as map(elements, out_elements, chunk), or "
                      "map(out_elements, chunk) for a range; behind the job where there is one; "
                      "out_elements is a std::span<T>");
        if constexpr (Data::Call::is_possible) {
            check_here(pool, input, job, map);
            check_output_here(pool, input, output);
            const CallData<Data> call(job, map, input.data(), output.data(input.range.begin));
            return run_chunks(pool, plan_of(input, settings, 0), call, settings);
        }
    }
    return {};
}

// ---- behind phases

/// A map that sees what phases left.
template <typename Job, typename Map>
struct MapAfterPhases {
    using Call = MapCall<Map, const Job&, const Chunk&, const PhaseMemory&>;

    Job job;  // first: phases take it from here
    [[no_unique_address]] Map map;

    typename Call::Value operator()(const ChunkRow& row) const {
        return Call::call(map, job, row.chunk(), *row.memory);
    }
};

template <typename Job, typename Map>
using AfterPhases = MapAfterPhases<Meant<Job>, Meant<Map>>;

template <typename Job, typename Map>
using OptionsAfterPhases = OptionsFor<typename AfterPhases<Job, Map>::Call::Value>;

template <typename Job, typename Map>
consteval bool check_after_phases() {
    if constexpr (check_job_type<Job>() && check_function<Map, false>()) {
        constexpr bool is_possible = AfterPhases<Job, Map>::Call::is_possible;
        static_assert(is_possible || !check_constant<typename AfterPhases<Job, Map>::Call>(),
                      "pinfold: behind phases the map is called as map(job, chunk, memory)");
        return is_possible;
    }
    return false;
}

template <typename Job, typename Map, typename Fold, typename Options>
consteval bool check_value_after_phases() {
    return check_value<typename AfterPhases<Job, Map>::Call::Value, Fold, Options>();
}

/// A job with phases, but for what it calls.
template <typename Data>
JobSpec spec_with_phases(const JobSpec& plain, const Data& data, std::span<const Phase> phases) {
    JobSpec spec = plain;
    set_job(spec, data);
    spec.phases = phases;
    return spec;
}

template <typename Job, typename Map, typename Fold, typename Options>
auto map_with_phases(Pool& pool, const Range& range, const Job& job,
                     const Phases<Meant<Job>>& phases, const Map& map, Fold& fold,
                     const Options& options) {
    if constexpr (check_after_phases<Job, Map>() &&
                  check_value_after_phases<Job, Map, Fold, Options>()) {
        using Data = AfterPhases<Job, Map>;
        using R = typename Data::Call::Value;
        const RangeInput input{range};
        check_here(pool, input, job, map);
        const OfAnySize<Data> data([&] { return Data{meant(job), meant(map)}; });
        const JobSettings& settings = settings_of(options);
        const ChunkPlan plan = plan_of(input, settings, bytes_on_a_board<R>);
        JobSpec spec = spec_with_phases(job_spec<R>(plan, settings), *data, phases.list());
        spec.call = [](ChunkRow& chunks) {
            run_row_for<R, MapOfPhasesRuns>(
                chunks, [](const ChunkRow& row) -> R { return row.job_as<Data>()(row); });
        };
        return run_and_fold<R>(pool, spec, fold, init_of<R>(options));
    } else {
        return JobResult<Refused>{};
    }
}

template <typename Job, typename Map>
JobReport map_chunks_with_phases(Pool& pool, const Range& range, const Job& job,
                                 const Phases<Meant<Job>>& phases, const Map& map,
                                 const JobSettings& settings) {
    if constexpr (check_after_phases<Job, Map>()) {
        using Data = AfterPhases<Job, Map>;
        const RangeInput input{range};
        check_here(pool, input, job, map);
        const OfAnySize<Data> data([&] { return Data{meant(job), meant(map)}; });
        JobSpec spec = spec_with_phases(job_spec<Nothing>(plan_of(input, settings, 0), settings),
                                        *data, phases.list());
        spec.call = [](ChunkRow& chunks) {
            run_row<MapOfPhasesRuns>(
                chunks, [](const ChunkRow& row) { static_cast<void>(row.job_as<Data>()(row)); });
        };
        return run_for_report(pool, spec);
    }
    return {};
}

// ---- on workers that are forked for it

/// A map that stays where it is: every worker starts as a copy of the caller.
template <typename Map>
struct ForkedMap {
    using Call = MapCall<const Map, const Chunk&>;

    const Map* map;

    typename Call::Value operator()(const Chunk& chunk) const { return (*map)(chunk); }
};

template <typename Map, typename Fold, typename Options>
consteval bool check_forked() {
    using Call = typename ForkedMap<Map>::Call;
    static_assert(Call::is_possible, "pinfold: the map is called as map(chunk)");
    if constexpr (Call::is_possible) {
        return check_value<typename Call::Value, Fold, Options>();
    }
    return false;
}

template <typename Map, typename Fold, typename Options>
auto map_forked(PoolOptions&& pool_options, const Range& range, const Map& map, Fold& fold,
                const Options& options) {
    if constexpr (check_forked<Map, Fold, Options>()) {
        using R = typename ForkedMap<Map>::Call::Value;
        const ForkedMap<Map> data{std::addressof(map)};
        const JobSettings& settings = settings_of(options);
        const ChunkPlan plan = plan_of(RangeInput{range}, settings, bytes_on_a_board<R>);
        JobSpec spec = job_spec<R>(plan, settings);
        const ObjectOfCall<ForkedMap<Map>> call(data);
        set_call<R>(spec, call);
        check_before_start(pool_options, spec);
        Pool pool(std::move(pool_options));
        return run_and_fold<R>(pool, spec, fold, init_of<R>(options));
    } else {
        return JobResult<Refused>{};
    }
}

}  // namespace pinfold::detail
