#pragma once

// From a keyed call's arguments to its jobs: the chunks' maps, which emit, and the merges. Not for
// users.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/chunk_jobs.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/keyed/combining_table.hpp>
#include <pinfold/engine/detail/keyed/emitter.hpp>
#include <pinfold/engine/detail/keyed/rounds.hpp>
#include <pinfold/engine/inputs/text_input.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <span>
#include <string_view>
#include <type_traits>

namespace pinfold::detail {

// ---- what a map is called with

/// What of a part of a text is a chunk's: from its first piece to the begin of the next chunk's.
template <typename Cut>
[[nodiscard]] std::string_view text_of_pieces(const Cut& cut, const TextPart& part) noexcept {
    const std::size_t first = cut.first(part.text, part.begin, part.end);
    if (first >= part.end) {
        return {};
    }
    const std::size_t end = part.end < part.text.size()
                                ? cut.first(part.text, part.end, part.text.size())
                                : part.text.size();
    return part.text.substr(first, end - first);
}

template <typename Map, typename Emit, typename... Arguments>
struct EmitCall {
    static constexpr bool takes_chunk =
        std::is_invocable_v<const Map&, Arguments..., const Chunk&, Emit&>;
    static constexpr bool is_possible =
        takes_chunk ||
        (sizeof...(Arguments) != 0 && std::is_invocable_v<const Map&, Arguments..., Emit&>);
    static constexpr bool is_mutable =
        !is_possible && (std::is_invocable_v<Map&, Arguments..., const Chunk&, Emit&> ||
                         std::is_invocable_v<Map&, Arguments..., Emit&>);

    static void call(const Map& map, const Chunk& chunk, Emit& emit,
                     const std::remove_reference_t<Arguments>&... arguments) {
        if constexpr (takes_chunk) {
            std::invoke(map, static_cast<Arguments>(arguments)..., chunk, emit);
        } else {
            std::invoke(map, static_cast<Arguments>(arguments)..., emit);
        }
    }
};

/// The calls of an input: with the elements of a chunk, or with texts.
template <typename Data>
struct EmitFrom {
    template <typename Map, typename Emit, typename... Job>
    struct Of {
        template <typename... Elements>
        static EmitCall<Map, Emit, Job..., Elements...> call_of(Types<Elements...>);
        using Call = decltype(call_of(typename Data::Arguments{}));
    };

    /// Calls the map, and `finish()` while what it was given is there.
    template <typename Call, typename Map, typename Emit, typename Finish, typename... Job>
    static void run(const Data& in, const Chunk& chunk, const Map& map, Emit& emit,
                    const Finish& finish, const Job&... job) {
        in.give(chunk, [&](const auto&... elements) {
            Call::call(map, chunk, emit, job..., elements...);
            finish();
        });
    }
};

template <typename Cut, typename Text>
struct EmitFrom<PiecesOf<Cut, Text>> {
    using Data = PiecesOf<Cut, Text>;

    template <typename Map, typename Emit, typename... Job>
    struct Of {
        using WithText = EmitCall<Map, Emit, Job..., std::string_view>;
        using WithPieces = EmitCall<Map, Emit, Job..., const Pieces<Cut>&>;
        static constexpr bool takes_text = WithText::is_possible;
        using Call = std::conditional_t<takes_text, WithText, WithPieces>;
    };

    template <typename Call, typename Map, typename Emit, typename Finish, typename... Job>
    static void run(const Data& in, const Chunk& chunk, const Map& map, Emit& emit,
                    const Finish& finish, const Job&... job) {
        in.text.give_parts(in.cut, chunk, [&](std::span<const TextPart> parts) {
            emit.set_texts(parts);
            if constexpr (!Of<Map, Emit, const Job&...>::takes_text) {
                Call::call(map, chunk, emit, job..., Pieces<Cut>(in.cut, parts));
            } else {
                for (const TextPart& part : parts) {
                    const std::string_view text = text_of_pieces(in.cut, part);
                    if (!text.empty()) {
                        emit.set_text(part.text);
                        Call::call(map, chunk, emit, job..., text);
                    }
                }
            }
            finish();
        });
    }
};

// ---- a chunk

/// In the place of an output: the map emits to a table.
template <typename Target>
struct EmitTo : Target {};

template <typename Map, typename Job, typename In, typename Target>
struct MapOfChunks<Map, Job, In, EmitTo<Target>> {
    using Emit = typename Target::Emit;
    template <typename... JobArguments>
    static typename EmitFrom<In>::template Of<Map, Emit, JobArguments...> of(
        Types<JobArguments...>);
    using Call = typename decltype(of(typename Job::Arguments{}))::Call;

    [[no_unique_address]] Job job;
    [[no_unique_address]] Map map;
    [[no_unique_address]] In in;
    [[no_unique_address]] EmitTo<Target> out;

    void operator()(const ChunkRow& row, typename Target::Table& table) const {
        const Chunk chunk = row.chunk();
        table.begin_chunk();
        Emit emit(table, out);
        // While the chunk's text is there, of which rows may have the characters.
        const auto finish = [&] {
            emit.finish();
            end_unless_own(row.process);
            table.write_part(row.slot(), *row.blocks);
        };
        job.give(chunk, [&](const auto&... its_job) {
            EmitFrom<In>::template run<Call>(in, chunk, map, emit, finish, its_job...);
        });
    }
};

template <typename Target, typename In, typename Job, typename Map>
using MapOfEmits = MapOfChunks<Meant<Map>, decltype(job_before(std::declval<const Job&>())),
                               typename InputOf<In>::Data, EmitTo<Target>>;

/// A job whose slots have the part of each chunk.
template <typename Target, typename Call>
JobSpec spec_of_emits(const ChunkPlan& plan, const Call& call, const JobSettings& settings) {
    JobSpec spec = spec_of_slots(plan, settings, Target::are_same_parts);
    call.describe(spec);
    spec.call = [](ChunkRow& chunks) {
        Call::with_data(chunks, [](ChunkRow& own) {
            typename Target::Table table(own.job_as<typename Call::Data>().out.seed);
            const auto map = [&table](const ChunkRow& row) {
                row.job_as<typename Call::Data>()(row, table);
                return Nothing{};
            };
            run_row_with_slots<Nothing>(own, map, [](ResultSlot&, Nothing, ResultBlocks&) {});
        });
    };
    return spec;
}

// ---- a merge

template <typename Target>
struct MergeFrame {
    MergeHead head;
    Target target;
};

/// Merges a partition of each chunk of the row.
template <typename Target>
void merge_row(ChunkRow& row) {
    const auto& frame = *static_cast<const MergeFrame<Target>*>(row.job);
    typename Target::Merging merging(frame.target);
    const auto map = [&](const ChunkRow& at) {
        const auto partition = static_cast<std::size_t>(at.chunk().begin);
        if (!merging.merge(frame.head.tables[partition], frame.head.all_parts(), partition)) {
            at.slot().bytes = 0;
            return Nothing{};
        }
        end_unless_own(at.process);
        merging.write(at.slot(), *at.blocks);
        return Nothing{};
    };
    run_row_with_slots<Nothing>(row, map, [](ResultSlot&, Nothing, ResultBlocks&) {});
}

// ---- both

// A chunk's rows are to have less than 1 MiB: they are dealt to partitions within a cache, and a
// block below that size is used again, where the heap gives larger ones back to the system at once.
// Words of 4 MiB of text have 3 MiB of rows: with those the whole count took twice the time
// (keyed_bench).
inline constexpr std::uint64_t least_text_of_chunk = std::uint64_t{64} << 10;  // bytes
inline constexpr std::uint64_t most_text_of_chunk = std::uint64_t{512} << 10;
inline constexpr std::size_t rows_of_chunk_bytes = std::size_t{960} << 10;

template <typename Target, typename Input>
ChunkPlan keyed_plan_of(const Input& input, const JobSettings& settings) {
    constexpr std::uint64_t most_elements = rows_of_chunk_bytes / Target::row_bytes + 1;
    const auto size = static_cast<std::uint64_t>(input.range.size());
    const std::uint64_t grain = is_cut<Input>
                                    ? keyed_grain(size, least_text_of_chunk, most_text_of_chunk)
                                    : keyed_grain(size, 1, most_elements);
    return ChunkPlan(input.range, settings.grain != 0 ? settings.grain : grain);
}

template <typename Value>
consteval bool check_keyed_value() {
    if constexpr (shm::Shareable<Value>) {
        static_assert(alignof(Value) <= 16, "pinfold: a value is aligned to at most 16 bytes");
        return alignof(Value) <= 16;
    } else {
        return check_crosses<Value>();
    }
}

template <typename Target, typename In, typename Job, typename Map>
consteval bool check_emits() {
    if constexpr (check_input<In>() && check_job_type<Job>() && check_function<Map>()) {
        using Call = typename MapOfEmits<Target, In, Job, Map>::Call;
        static_assert(Call::is_possible || !check_constant<Call>(),
                      "pinfold: the map of a keyed call is called as map(chunk, emit) of a range, "
                      "map(elements, emit) or map(elements, chunk, emit) of an array, map(text, "
                      "emit) of lines, words and records, with a std::string_view of all that is "
                      "the chunk's; behind the job where there is one. emit is an `auto& emit`, "
                      "called as emit(key, value), with what converts to the key and the value of "
                      "the call: map_reduce_by_key<Key, Value>(...)");
        return Call::is_possible;
    }
    return false;
}

/// Runs a keyed job, and returns its tables.
template <typename Target, typename In, typename Job, typename Map>
KeyedBlocks run_keyed(Pool& pool, const In& in, const Job& job, const Map& map,
                      const Target& target, const JobSettings& given, JobReport& report) {
    const auto input = input_of(in);
    check_here(pool, input, job, map);
    const CallData<MapOfEmits<Target, In, Job, Map>> call(job, map, input.data(), {target});
    const ChunkPlan plan = keyed_plan_of<Target>(input, given);
    JobSettings settings = given;
    if (settings.look_ahead == 0) {
        const std::size_t row = is_cut<decltype(input)> ? 1 : Target::row_bytes;
        settings.look_ahead = keyed_look_ahead(pool, plan.grain() * row);
    }
    JobSpec spec = spec_of_emits<Target>(plan, call, settings);
    const MergeFrame<Target> frame{{}, target};
    const MergeSpec merge{merge_row<Target>, std::as_bytes(std::span(&frame, 1)),
                          alignof(MergeFrame<Target>)};
    KeyedRounds rounds(pool, merge, settings);
    report = rounds.run(spec);
    return rounds.take_tables();
}

}  // namespace pinfold::detail
