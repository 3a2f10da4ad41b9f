#pragma once

// The calls of copy_if.hpp and unique.hpp, checked and brought to one form. Not for users.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/in_a_row.hpp>
#include <pinfold/engine/detail/algorithms/look_back.hpp>
#include <pinfold/engine/detail/algorithms/look_back_jobs.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/algorithms/select_elements.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/growing_array.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>

namespace pinfold::detail {

/// How many chunks workers begin beyond those whose elements count: for as much room memory is
/// brought in before anyone needs it.
inline constexpr std::uint64_t selections_ahead = 32;

/// The number of all elements that are kept, for an arena that has no room for all that are there.
template <typename Input, typename Kept>
std::uint64_t count_selected(Pool& pool, const Input& input, const Kept& kept,
                             const ChunkPlan& plan, const JobSettings& settings) {
    using In = InputLookingBack<decltype(input.data()), std::uint64_t>;
    const auto count = [](const Kept& keep, const In& in, const Chunk& chunk) {
        return count_kept(keep, in.in, chunk);
    };
    const CallData<MapOfChunks<decltype(count), JobBefore<Kept>, In>> call(
        kept, count, In{input.data(), plan, {nullptr, false}});
    JobSettings once = settings;
    once.look_ahead = 0;
    std::plus<> plus;
    const std::uint64_t none = 0;
    return run_and_fold_chunks<std::uint64_t>(pool, plan, call, plus, once, &none).value;
}

/// Runs the job that copies what is kept into `room`. `take(count)` is called here, with how many
/// elements of each chunk are, in order.
template <typename T, typename Input, typename Kept, typename Out, typename Take>
JobReport run_selection(Pool& pool, const Input& input, const Kept& kept, const ChunkPlan& plan,
                        const SelectionRoom<Out>& room, const JobSettings& settings,
                        const Take& take) {
    using In = InputLookingBack<decltype(input.data()), std::uint64_t>;
    using Map = SelectElements<T, Kept>;
    const shm::Array<PublishedChunk<std::uint64_t>> published(pool.arena(), plan.size() + 1);
    published[0].known = Known::prefix;  // none before all
    const CallData<MapOfChunks<Map, NoJob, In, SelectionRoom<Out>>> call(
        NoJob{}, Map{kept}, In{input.data(), plan, {published.data(), true}}, room);
    return run_looking_back(pool, plan, call, settings,
                            [&](const Chunk& chunk) { take(published[chunk.index + 1].partial); });
}

/// Copies what is kept into a new array, in order. Where the arena has room for all elements, none
/// of it is memory before it is written; otherwise they are counted first.
template <typename T, typename Input, typename Kept>
JobResult<shm::Array<T>> select(Pool& pool, const Input& input, const Kept& kept,
                                const JobSettings& given) {
    JobSettings settings = given;
    settings.look_ahead = given.look_ahead != 0 ? given.look_ahead : selections_ahead;
    const ChunkPlan plan = plan_looking_back(input, settings, sizeof(T));
    shm::GrowingArray<T> selected(pool.arena());
    auto most = static_cast<std::uint64_t>(input.range.size());
    std::uint64_t ahead = std::min(most / plan.grain() + 1, settings.look_ahead) * plan.grain();
    if (!selected.try_reserve(most)) {
        most = count_selected(pool, input, kept, plan, given);
        ahead = most;
    }
    const auto make_room = [&] {
        return selected.make_room(std::min(most - selected.size(), ahead));
    };
    const SelectionRoom<Elements<T>> room{{{make_room(), most}}, most};
    JobResult<shm::Array<T>> result;
    result.report =
        run_selection<T>(pool, input, kept, plan, room, settings, [&](std::uint64_t count) {
            selected.count(count);
            static_cast<void>(make_room());
        });
    result.value = selected.finish();
    return result;
}

/// Copies what is kept to the begin of an output, and tells how much that is.
template <typename Input, typename Kept, typename Output>
JobResult<std::uint64_t> select_into(Pool& pool, const Input& input, const Kept& kept,
                                     const Output& output, const JobSettings& settings) {
    using T = typename Output::Element;
    check_output_here(pool, input, output);
    const ChunkPlan plan = plan_looking_back(input, settings, sizeof(T));
    const SelectionRoom<decltype(output.data(0))> room{output.data(0), output.size()};
    JobResult<std::uint64_t> result;
    result.report = run_selection<T>(pool, input, kept, plan, room, settings,
                                     [&result](std::uint64_t count) { result.value += count; });
    return result;
}

template <typename Out>
concept IsOutput = requires(const Out& out) {
    output_of(out);
};

template <typename In, typename Out>
consteval bool check_copied() {
    if constexpr (check_output<Out>()) {
        constexpr bool is_copied =
            std::is_convertible_v<Element<In>, typename OutputOf<Out>::Element> &&
            shm::Shareable<typename OutputOf<Out>::Element>;
        static_assert(is_copied,
                      "pinfold: an element of the input must convert to one of the output");
        return is_copied;
    }
    return false;
}

/// A function of two neighbours that tells whether they are equal.
template <typename Equal, typename In>
consteval bool check_neighbours() {
    if constexpr (check_is_in_a_row<In>() && check_function<Equal>()) {
        using Call = MapCall<Meant<Equal>, Element<In>, Element<In>>;
        constexpr bool tells =
            Call::is_possible && std::is_convertible_v<typename Call::Value, bool>;
        static_assert(tells || !check_constant<Call>(),
                      "pinfold: the function is called with two neighbours, a std::uint64_t each "
                      "of a range, a const T& of an array, and returns a bool: is there an "
                      "operator == for this type?");
        return tells;
    }
    return false;
}

}  // namespace pinfold::detail
