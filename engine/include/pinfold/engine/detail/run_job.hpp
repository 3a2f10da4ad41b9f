#pragma once

// What the templates of map_reduce.hpp hand to the compiled engine. Not for users.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/fold_results.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/shm/array.hpp>
#include <span>
#include <type_traits>

namespace pinfold {

class Pool;

namespace detail {

/// The result of a job that only writes its output.
struct Nothing {};

/// A job without its types.
struct JobSpec {
    ChunkPlan plan;
    const JobSettings* settings = nullptr;
    std::span<const std::byte> job;  // copied into shared memory
    std::span<const Phase> phases;
    RowCall call = nullptr;
    std::size_t result_bytes = 0;
    std::size_t result_alignment = 1;
    std::size_t job_alignment = 1;
};

using FoldAll = std::function<void(const Results&)>;

/// Runs the job to its end or throws what ended it; see map_reduce().
PINFOLD_API JobReport run_job(Pool& pool, const JobSpec& spec, const FoldAll& fold_all);

/// Throws whatever can be known to stop the job on a pool of these options, before there is one:
/// bad settings, a journal that cannot be used, results that no memory holds.
PINFOLD_API void check_before_start(const PoolOptions& options, const JobSpec& spec);

/// Throw std::invalid_argument that names `what`, which is `size` elements at `data`.
PINFOLD_API void check_in_arena(const Pool& pool, const char* what, const void* data,
                                std::size_t size, std::size_t element_bytes);
PINFOLD_API void check_transform(const void* input, std::size_t input_size,
                                 std::size_t input_element_bytes, const void* output,
                                 std::size_t output_size, std::size_t output_element_bytes);

/// The grain of a job whose settings say `grain`.
PINFOLD_API std::uint64_t range_grain(std::uint64_t grain, Range range, std::size_t result_bytes);
PINFOLD_API std::uint64_t data_grain(std::uint64_t grain, std::size_t elements,
                                     std::size_t element_bytes, std::size_t result_bytes);

template <typename R>
JobSpec job_spec(const ChunkPlan& plan, const JobSettings& settings) {
    static_assert(alignof(R) <= shm::largest_alignment,
                  "a map's result is aligned to at most 4096 bytes");
    return {plan, &settings, {}, {}, nullptr, sizeof(R), alignof(R), 1};
}

template <typename T>
std::span<T> part(std::span<T> all, const Chunk& chunk) {
    return all.subspan(chunk.begin, static_cast<std::size_t>(chunk.size()));
}

/// Pointers and spans that can be seen in a job must point into the arena.
template <typename Job>
void check_shared(const Pool& pool, const Job& job) {
    if constexpr (std::is_pointer_v<Job> && !std::is_function_v<std::remove_pointer_t<Job>>) {
        check_in_arena(pool, "the job's pointer", job, 1, 1);
    } else if constexpr (requires { std::span(job); }) {
        if constexpr (std::is_same_v<decltype(std::span(job)), Job>) {
            check_in_arena(pool, "the job's span", job.data(), job.size(), sizeof(*job.data()));
        }
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

}  // namespace detail
}  // namespace pinfold
