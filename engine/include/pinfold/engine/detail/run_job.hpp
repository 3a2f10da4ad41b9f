#pragma once

// What the templates of map_reduce.hpp hand to the compiled engine. Not for users.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/shm/array.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold {

class Pool;

namespace detail {

/// The result of a job that only writes its output.
struct Nothing {};

/// A job without its types.
struct JobSpec {
    using Call = void (*)(const void* job, const Chunk& chunk, const PhaseMemory& memory,
                          void* result);

    ChunkPlan plan;
    const JobSettings* settings = nullptr;
    std::span<const std::byte> job;  // copied into shared memory
    std::span<const Phase> phases;
    Call call = nullptr;
    std::size_t result_bytes = 0;
    std::size_t result_alignment = 1;
    std::size_t job_alignment = 1;
};

/// What a fold is called with, once, in the calling thread, when all chunks are over: results lie
/// `stride` bytes apart. A skipped chunk has none.
struct Results {
    const std::byte* first = nullptr;
    std::size_t stride = 0;
    std::uint64_t count = 0;
    const std::vector<Chunk>* skipped = nullptr;  // ascending
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

PINFOLD_API std::uint64_t data_grain(std::uint64_t grain, std::size_t elements,
                                     std::size_t element_bytes);

template <typename R>
JobSpec job_spec(const ChunkPlan& plan, const JobSettings& settings) {
    static_assert(alignof(R) <= shm::largest_alignment,
                  "a map's result is aligned to at most 4096 bytes");
    return {plan, &settings, {}, {}, nullptr, sizeof(R), alignof(R), 1};
}

/// Writes what `map` returns to `result`, unless the map forked and this is the child: a large one
/// goes to memory of the worker's own, which a child has a copy of.
template <typename R, typename Map>
void put_result(const PhaseMemory& memory, void* result, const Map& map) {
    if constexpr (sizeof(R) <= largest_result_in_a_frame) {
        const R value = map();
        if (memory.is_in_its_process()) {
            new (result) R(value);
        }
    } else {
        new (result) R(map());
    }
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

/// Folds values into one. No frame of the engine holds a large value: what a fold returns lands in
/// the memory of this object, or of `start`.
///
///     double sum = 1;
///     std::plus<double> plus;
///     pinfold::detail::Folding<double, std::plus<double>> folding(sum, plus);
///     folding.add(0.5);
///     folding.finish();
///     assert(sum == 1.5);
template <typename R, typename Fold>
class Folding {
  public:
    Folding(R& start, Fold& fold) : start_(start), fold_(fold) {}

    void add(const R& next) {
        using Returned = std::invoke_result_t<Fold&, R, const R&>;
        if constexpr (std::is_reference_v<Returned>) {
            take(fold_(std::move(*now_), next));
        } else if constexpr (sizeof(R) <= largest_in_a_frame) {
            start_ = fold_(std::move(start_), next);
        } else {
            R* const free = now_ == &start_ ? spare() : &start_;
            now_ = new (free) R(fold_(std::move(*now_), next));
        }
    }

    /// Puts the value where it started.
    void finish() {
        if (now_ != &start_) {
            start_ = *now_;
        }
    }

  private:
    static constexpr std::size_t largest_in_a_frame = 4096;

    struct GiveBack {
        void operator()(R* memory) const noexcept { std::allocator<R>().deallocate(memory, 1); }
    };

    // A fold may return a reference to its first argument, which is in its place already.
    void take(const R& returned) {
        if (std::addressof(returned) != now_) {
            *now_ = returned;
        }
    }

    R* spare() {
        if (!spare_) {
            spare_.reset(std::allocator<R>().allocate(1));
        }
        return spare_.get();
    }

    R& start_;
    Fold& fold_;
    R* now_ = std::addressof(start_);
    std::unique_ptr<R, GiveBack> spare_;
};

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
        Folding<R, Fold> folding(result.value, fold);
        auto skipped = results.skipped->begin();
        for (std::uint64_t i = 0; i < results.count; ++i) {
            if (skipped != results.skipped->end() && skipped->index == i) {
                ++skipped;
                continue;
            }
            const std::byte* bytes = results.first + i * results.stride;
            folding.add(*reinterpret_cast<const R*>(bytes));
        }
        folding.finish();
    });
    return result;
}

}  // namespace detail
}  // namespace pinfold
