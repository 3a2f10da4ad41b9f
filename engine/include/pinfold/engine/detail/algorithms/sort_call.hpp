#pragma once

// What a sort's call gives its workers, and the job that it becomes: phases, each of which reads
// what is complete and writes only its chunk's own part, and the job's own chunks behind them. So a
// chunk may start again at any time. The input is never written, so a death between two phases
// loses nothing, and the end of the program loses what the output had before. Not for users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/algorithms/bring_in.hpp>
#include <pinfold/engine/detail/algorithms/sort_rows.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/detail/gather_buffer.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/phase.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::detail {

/// In the place of the values' array of a sort that has keys alone.
struct NoValues {
    using Element = NoSortValue;
};

template <typename Data>
struct ValueIn {
    using Type = NoSortValue;
};
template <typename T>
struct ValueIn<Elements<T>> {
    using Type = std::remove_const_t<T>;
};
template <typename T>
struct ValueIn<FileElements<T>> {
    using Type = std::remove_const_t<T>;
};

/// Where the rows of a sort come from and go to, as it lies in shared memory.
template <typename KeysIn, typename KeysOut, typename ValuesIn = NoValues,
          typename ValuesOut = NoValues>
struct SortData {
    using Arguments = Types<>;
    using Key = typename ValueIn<KeysIn>::Type;
    using Value = typename ValueIn<ValuesIn>::Type;
    using Rows = SortRows<Key, Value>;
    using Input = ReadRows<Key, Value>;

    KeysIn keys;
    KeysOut keys_out;
    ValuesIn values;
    ValuesOut values_out;
    std::uint64_t size;
    std::uint64_t grain;

    template <typename Next>
    decltype(auto) give(const Chunk&, const Next& next) const {
        return next();
    }

    [[nodiscard]] Input input() const { return rows<Input>(keys, values); }
    [[nodiscard]] Rows output() const { return rows<Rows>(keys_out, values_out); }

    /// Rows in memory that has bytes_of_rows() for them.
    [[nodiscard]] static Rows rows_in(std::byte* memory, std::size_t size) noexcept {
        Rows rows;
        rows.keys = reinterpret_cast<Key*>(memory);
        if constexpr (has_values<Key, Value>) {
            rows.values = reinterpret_cast<Value*>(memory + bytes_of_keys(size));
        }
        return rows;
    }
    [[nodiscard]] static std::size_t bytes_of_rows(std::size_t size) noexcept {
        return bytes_of_keys(size) + (has_values<Key, Value> ? size * sizeof(Value) : 0);
    }

    /// Brings in a chunk's part of the rows in such memory.
    void bring_in_rows(std::byte* memory, const Chunk& chunk) const noexcept {
        const auto count = static_cast<std::size_t>(chunk.size());
        const Rows part = rows_in(memory, static_cast<std::size_t>(size))
                              .behind(static_cast<std::size_t>(chunk.begin));
        bring_in(reinterpret_cast<std::byte*>(part.keys), count * sizeof(Key));
        if constexpr (has_values<Key, Value>) {
            bring_in(reinterpret_cast<std::byte*>(part.values), count * sizeof(Value));
        }
    }

  private:
    // The values lie behind the keys, as aligned as their type may ask.
    [[nodiscard]] static std::size_t bytes_of_keys(std::size_t size) noexcept {
        constexpr std::size_t alignment = alignof(Value) > 64 ? alignof(Value) : 64;
        return (size * sizeof(Key) + alignment - 1) / alignment * alignment;
    }

    template <typename R, typename Keys, typename Values>
    [[nodiscard]] R rows(const Keys& of_keys, const Values& of_values) const {
        const Chunk all(0, size, 0);
        R rows;
        rows.keys = of_keys.of(all).data();
        if constexpr (has_values<Key, Value>) {
            rows.values = of_values.of(all).data();
        }
        return rows;
    }
};

/// Memory of a worker's own for as many rows as a chunk has.
///
///     pinfold::detail::SortScratch<pinfold::detail::SortData<
///         pinfold::detail::Elements<const int>, pinfold::detail::Elements<int>>> scratch(10);
///     assert(scratch.rows().keys != nullptr);
template <typename Data>
class SortScratch {
  public:
    explicit SortScratch(std::size_t size) : size_(size) {
        const std::size_t needed = Data::bytes_of_rows(size) + largest_shift;
        if (memory_.bytes() < needed) {
            memory_.grow(0, needed);
        }
    }
    [[nodiscard]] typename Data::Rows rows() const noexcept {
        constexpr std::size_t alignment = largest_shift + 1;
        const auto at = reinterpret_cast<std::uintptr_t>(memory_.data());
        return Data::rows_in(memory_.data() + (alignment - at % alignment) % alignment, size_);
    }

  private:
    static constexpr std::size_t largest_shift =
        std::max({std::size_t{64}, alignof(typename Data::Key), alignof(typename Data::Value)}) - 1;

    GatherMemory memory_;
    std::size_t size_;
};

/// The job of a sort. `Step` is called as Step{}(data, less, chunk, memory) for each chunk of a
/// phase and for the job's own.
template <typename Data, typename Less>
class SortJob {
  public:
    using Call = CallData<MapOfChunks<Less, NoJob, Data>>;

    SortJob(const Data& data, const Less& less) : call_(NoJob{}, less, data) {}

    template <typename Step>
    void add_phase(const Range& range, std::uint64_t grain, std::size_t bytes) {
        phases_.push_back({{.range = range, .grain = grain, .bytes = bytes}, row_call<Step>()});
    }

    /// Runs the phases, and then the own chunks.
    template <typename Step>
    JobReport run(Pool& pool, const ChunkPlan& plan, const JobSettings& settings) {
        JobSpec spec = job_spec<Nothing>(plan, settings);
        call_.describe(spec);
        spec.phases = phases_;
        spec.call = row_call<Step>();
        return run_for_report(pool, spec);
    }

  private:
    template <typename Step>
    static RowCall row_call() noexcept {
        return [](ChunkRow& chunks) {
            Call::with_data(chunks, [](ChunkRow& own) {
                run_row<MapOfPhasesRuns>(own, [](const ChunkRow& row) {
                    const auto& of_call = row.job_as<typename Call::Data>();
                    Step{}(of_call.in, of_call.map, row.chunk(), row.memory);
                });
            });
        };
    }

    Call call_;
    std::vector<Phase> phases_;
};

/// The only chunk of a sort that has no phases.
template <typename SortChunk>
struct SortAll {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less& less, const Chunk&, const PhaseMemory*) const {
        const std::size_t size = static_cast<std::size_t>(data.size);
        const SortScratch<Data> scratch(size);
        SortChunk{}(data.input(), data.output(), scratch.rows(), size, less);
    }
};

}  // namespace pinfold::detail
