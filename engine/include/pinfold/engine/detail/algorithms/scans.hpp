#pragma once

// The calls of scan.hpp, checked and brought to one form. Not for users.

#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/look_back.hpp>
#include <pinfold/engine/detail/algorithms/look_back_jobs.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/algorithms/scan_elements.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/shareable.hpp>
#include <type_traits>

namespace pinfold::detail {

/// The type that a scan without an init reduces in.
template <typename In, typename F>
using ScannedValue = std::remove_cvref_t<typename ElementCall<F, In>::Value>;

template <typename In, typename Out, typename Op, typename F, typename T>
consteval bool check_scan() {
    if constexpr (check_element_function<F, In>() && check_output<Out>() &&
                  check_is_counted<In>()) {
        if constexpr (check_reduction<T, Op, typename ElementCall<F, In>::Value>()) {
            static_assert(shm::Shareable<T>,
                          "pinfold: what a scan adds up crosses by its bytes: numbers, and structs "
                          "of numbers");
            using Element = typename OutputOf<Out>::Element;
            constexpr bool is_written = std::is_convertible_v<T, Element>;
            static_assert(is_written,
                          "pinfold: what the reduction returns must convert to an element of the "
                          "output");
            return shm::Shareable<T> && is_written;
        }
    }
    return false;
}

template <ScanKind kind, typename In, typename Out, typename Op, typename F, typename T>
JobReport scan(Pool& pool, const In& in, const Out& out, const Op& op, const F& f, const T* init,
               const JobSettings& settings) {
    const auto input = input_of(in);
    const auto output = output_of(out);
    using Input = decltype(input.data());
    using Map = ScanElements<kind, T, Meant<Op>, Meant<F>>;
    using Data = MapOfChunks<Map, NoJob, InputLookingBack<Input, T>, decltype(output.data(0))>;
    check_runs_all_chunks(kind == ScanKind::inclusive ? "inclusive_scan" : "exclusive_scan",
                          settings);
    check_elements_here(pool, input, f);
    check_pointers(pool, "the reduction", op);
    check_output_here(pool, input, output);
    const ChunkPlan plan =
        plan_looking_back(input, settings, sizeof(typename OutputOf<Out>::Element));
    const shm::Array<PublishedChunk<T>> published(pool.arena(), plan.size() + 1);
    if (init != nullptr) {
        published[0] = {Known::prefix, *init, *init};
    }
    const CallData<Data> call(
        NoJob{}, Map{meant(op), meant(f)},
        InputLookingBack<Input, T>{input.data(), plan, {published.data(), init != nullptr}},
        output.data(input.range.begin));
    return run_looking_back(pool, plan, call, settings, [](const Chunk&) {});
}

}  // namespace pinfold::detail
