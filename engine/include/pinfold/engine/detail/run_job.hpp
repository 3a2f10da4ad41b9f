#pragma once

// What the templates of map_reduce.hpp hand to the compiled engine. Not for users.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/detail/fold_results.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase_options.hpp>
#include <pinfold/shm/same_value.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>

namespace pinfold {

class Pool;

namespace detail {

/// The result of a job that only writes its output.
struct Nothing {};

/// What the host does with each result while the job runs; see stream().
struct StreamSpec {
    /// Called in the thread that asked for the job, in chunk order, with the place of a result that
    /// nobody reads afterwards.
    std::function<void(std::byte* result, const Chunk& chunk)> consume;
    std::uint64_t consumed = 0;  // chunks that are not run, since a run before consumed them
};

/// A job without its types.
struct JobSpec {
    ChunkPlan plan;
    const JobSettings* settings = nullptr;
    std::span<const std::byte> job{};  // copied into shared memory
    std::span<const Phase> phases{};
    RowCall call = nullptr;
    std::size_t result_bytes = 0;
    std::size_t result_alignment = 1;
    std::size_t job_alignment = 1;
    shm::SameValue same = nullptr;       // of results
    const StreamSpec* stream = nullptr;  // then nothing is folded
    bool has_slots = false;              // results are ResultSlots, and have any size
    SameMessage same_message = nullptr;  // of these
    std::size_t element_bytes = 0;       // of the input and the output, where they have elements
};

using FoldAll = std::function<void(const Results&)>;

/// Runs the job to its end or throws what ended it; see map_reduce().
PINFOLD_API JobReport run_job(Pool& pool, const JobSpec& spec, const FoldAll& fold_all);

/// Throws whatever can be known to stop the job on a pool of these options, before there is one:
/// bad settings, a journal that cannot be used, results that no memory holds.
PINFOLD_API void check_before_start(const PoolOptions& options, const JobSpec& spec);

/// A job whose results have any size; null where nobody compares them.
inline JobSpec spec_of_slots(const ChunkPlan& plan, const JobSettings& settings,
                             SameMessage same_message) {
    JobSpec spec{plan, &settings};
    spec.result_bytes = sizeof(ResultSlot);
    spec.result_alignment = alignof(ResultSlot);
    spec.has_slots = true;
    spec.same_message = same_message;
    return spec;
}

template <typename R>
JobSpec job_spec(const ChunkPlan& plan, const JobSettings& settings) {
    static_assert(alignof(R) <= shm::largest_alignment,
                  "a map's result is aligned to at most 4096 bytes");
    if constexpr (IsMessage<R>) {
        return spec_of_slots(plan, settings, are_same_messages<R>);
    } else {
        JobSpec spec{plan, &settings};
        spec.result_bytes = sizeof(R);
        spec.result_alignment = alignof(R);
        spec.same = shm::same_value<R>();
        return spec;
    }
}

/// Names the bytes of a job, which are to be copied.
template <typename Job>
void set_job(JobSpec& spec, const Job& job) {
    static_assert(alignof(Job) <= shm::largest_alignment, "a job is aligned to at most 4096 bytes");
    spec.job = {reinterpret_cast<const std::byte*>(std::addressof(job)), sizeof(Job)};
    spec.job_alignment = alignof(Job);
}

/// Folds from `init` on, or from R{} when it is null.
template <typename R, typename Fold>
JobResult<R> run_and_fold(Pool& pool, const JobSpec& spec, Fold& fold, const R* init) {
    JobResult<R> result;  // the caller's own object
    if (init != nullptr) {
        result.value = *init;
    }
    const JobRuns runs;
    result.report = run_job(pool, spec, [&](const Results& results) {
        tell_maps_ended();
        fold_results(results, fold, result.value);
    });
    return result;
}

/// Puts what `map` returns of each chunk of a row where the host finds it.
template <typename R, typename Runs = MapRuns, typename Map>
void run_row_for(ChunkRow& row, const Map& map) {
    if constexpr (IsMessage<R>) {
        run_row_with_messages<R, Runs>(row, map);
    } else {
        run_row_with_results<R, Runs>(row, map);
    }
}

/// How much a result takes on a board: a part of what a job without a grain goes by.
template <typename R>
inline constexpr std::size_t bytes_on_a_board = IsMessage<R> ? sizeof(ResultSlot) : sizeof(R);

/// Has `call`'s data called for each chunk of the plan, with a result.
template <typename R, typename Call>
void set_call(JobSpec& spec, const Call& call) {
    using Data = typename Call::Data;
    call.describe(spec);
    spec.call = [](ChunkRow& chunks) {
        Call::with_data(chunks, [](ChunkRow& own) {
            run_row_for<R>(
                own, [](const ChunkRow& row) -> R { return row.job_as<Data>()(row.chunk()); });
        });
    };
}

/// A job that calls `call`'s data for each chunk of `plan` and keeps what it returns.
template <typename R, typename Call>
JobSpec spec_of_chunks(const ChunkPlan& plan, const Call& call, const JobSettings& settings) {
    JobSpec spec = job_spec<R>(plan, settings);
    set_call<R>(spec, call);
    return spec;
}

/// The same, folded.
template <typename R, typename Call, typename Fold>
JobResult<R> run_and_fold_chunks(Pool& pool, const ChunkPlan& plan, const Call& call, Fold& fold,
                                 const JobSettings& settings, const R* init) {
    return run_and_fold<R>(pool, spec_of_chunks<R>(plan, call, settings), fold, init);
}

/// Runs a job whose maps return nothing.
inline JobReport run_for_report(Pool& pool, const JobSpec& spec) {
    const JobRuns runs;
    return run_job(pool, spec, [](const Results&) { tell_maps_ended(); });
}

/// Calls `call`'s data for each chunk of `plan`.
template <typename Call>
JobReport run_chunks(Pool& pool, const ChunkPlan& plan, const Call& call,
                     const JobSettings& settings) {
    using Data = typename Call::Data;
    JobSpec spec = job_spec<Nothing>(plan, settings);
    call.describe(spec);
    spec.call = [](ChunkRow& chunks) {
        Call::with_data(chunks, [](ChunkRow& own) {
            run_row(own, [](const ChunkRow& row) {
                static_cast<void>(row.job_as<Data>()(row.chunk()));
            });
        });
    };
    return run_for_report(pool, spec);
}

}  // namespace detail
}  // namespace pinfold
