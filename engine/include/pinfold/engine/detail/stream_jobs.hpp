#pragma once

// Jobs whose results the host takes one by one while they run. Not for users.

#include <cstddef>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/parameters.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

template <typename R, typename Consume>
inline constexpr bool consumes_with_chunk = std::is_invocable_v<Consume&, R, const Chunk&>;

template <typename R, typename Consume>
consteval bool check_consume() {
    static_assert(!std::is_void_v<R>,
                  "pinfold: this map returns nothing, so there is nothing to consume: use "
                  "for_each_chunk, or return a value");
    if constexpr (!std::is_void_v<R>) {
        constexpr bool is_possible =
            std::is_invocable_v<Consume&, R> || consumes_with_chunk<R, Consume>;
        static_assert(is_possible,
                      "pinfold: the consumer is called as consume(result) or consume(result, "
                      "chunk), with a result of the map by value, as && or as const&");
        if constexpr (is_possible) {
            constexpr bool keeps_type = !takes_other_number<Consume, R>;
            static_assert(keeps_type,
                          "pinfold: the consumer takes another type than the map's result, and "
                          "would convert each of them: give both the same type");
            return keeps_type;
        }
    }
    return false;
}

/// Whether the consumer wants no more than to see the characters of a string, which then need not
/// be copied.
template <typename R, typename Consume>
inline constexpr bool consumes_view = IsMessage<R>&& std::is_same_v<R, std::string>&&
    std::is_same_v<FirstParameter<Consume>, std::string_view>;

template <typename R, typename Consume>
void consume_result(Consume& consume, R&& result, const Chunk& chunk) {
    if constexpr (consumes_with_chunk<R, Consume>) {
        std::invoke(consume, std::move(result), chunk);
    } else {
        std::invoke(consume, std::move(result));
    }
}

/// Runs a job whose results `take(result, chunk)` takes, each from its place.
template <typename Take>
JobReport run_stream(Pool& pool, JobSpec& spec, const Take& take) {
    const StreamSpec stream{take};
    spec.stream = &stream;
    const JobRuns runs;
    // A rehearsal keeps all results, and they are consumed at its end.
    return run_job(pool, spec, [&](const Results& results) {
        results.for_each_row([&](std::uint64_t begin, std::uint64_t end) {
            for (std::uint64_t i = begin; i < end; ++i) {
                take(const_cast<std::byte*>(results.first) + i * results.stride, spec.plan[i]);
            }
        });
    });
}

}  // namespace pinfold::detail
