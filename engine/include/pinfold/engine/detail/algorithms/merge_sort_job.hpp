#pragma once

// A stable sort by comparisons. The first phase sorts runs, one a chunk; each of the next merges
// runs by twos, piece by piece, until the job's own chunks merge the last two into the output:
//
//     input -> runs -> runs of twice the length -> ... -> output
//
// Phases write the temporary memory and the output in turns. The borders of a piece are found by
// merge path, so all pieces have the same length, whatever the keys. Not for users.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/merge_sort.hpp>
#include <pinfold/engine/detail/algorithms/sort_call.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>

namespace pinfold::detail {

/// How often runs of `grain` rows are merged until one is left.
[[nodiscard]] inline std::size_t merges_of(std::uint64_t size, std::uint64_t grain) noexcept {
    return size == 0 ? 0 : static_cast<std::size_t>(std::bit_width((size - 1) / grain));
}

/// Where pass number `pass` leaves its runs: the last one in the output.
template <typename Data>
[[nodiscard]] typename Data::Rows runs_of(const Data& data, std::size_t pass,
                                          const PhaseMemory& memory) {
    const std::size_t last = merges_of(data.size, data.grain);
    return (last - pass) % 2 == 0
               ? data.output()
               : Data::rows_in(memory.of<std::byte>(0).data(), static_cast<std::size_t>(data.size));
}

struct MergeSortChunk {
    template <typename Key, typename Value, typename Less>
    void operator()(ReadRows<Key, Value> from, SortRows<Key, Value> to,
                    SortRows<Key, Value> scratch, std::size_t size, const Less& less) const {
        merge_sort<Key, Value>(from, to, scratch, size, less);
    }
};

/// Sorts a run. The same part of the other rows is the chunk's own, too: nobody else reads or
/// writes it meanwhile.
struct SortRun {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less& less, const Chunk& chunk,
                    const PhaseMemory* memory) const {
        const auto at = static_cast<std::size_t>(chunk.begin);
        data.bring_in_rows(memory->of<std::byte>(0).data(), chunk);
        merge_sort<typename Data::Key, typename Data::Value>(
            data.input().behind(at), runs_of(data, 0, *memory).behind(at),
            runs_of(data, 1, *memory).behind(at), static_cast<std::size_t>(chunk.size()), less);
    }
};

/// Merges a piece of two runs.
struct MergePiece {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less& less, const Chunk& chunk,
                    const PhaseMemory* memory) const {
        const std::size_t pass = memory->running();
        const auto from = runs_of(data, pass - 1, *memory).read_only();
        const auto size = static_cast<std::size_t>(data.size);
        const std::size_t run = static_cast<std::size_t>(data.grain) << (pass - 1);
        const std::size_t piece = static_cast<std::size_t>(chunk.begin);
        const std::size_t first = piece / run / 2 * run * 2;
        const std::size_t middle = std::min(first + run, size);
        const std::size_t left_size = middle - first;
        const std::size_t right_size = std::min(run, size - middle);
        const auto left = from.behind(first);
        const auto right = from.behind(middle);
        const auto left_until = [&](std::size_t count) {
            return rows_of_left(left.keys, left_size, right.keys, right_size, count, less);
        };
        const std::size_t begin = piece - first;
        const std::size_t end = begin + static_cast<std::size_t>(chunk.size());
        const std::size_t i = left_until(begin);
        const std::size_t i_end = left_until(end);
        merge_rows<typename Data::Key, typename Data::Value>(
            left.behind(i), i_end - i, right.behind(begin - i), end - i_end - (begin - i),
            runs_of(data, pass, *memory).behind(piece), less);
    }
};

/// Rows of a run that names no grain: several runs for each worker, whose number is a power of two,
/// and some microseconds each. What is sorted does not depend on it.
[[nodiscard]] inline std::uint64_t grain_of_runs(std::uint64_t size, int workers) noexcept {
    constexpr std::uint64_t runs_of_a_worker = 8;
    constexpr std::uint64_t least = 4096;
    const std::uint64_t runs = std::bit_ceil(runs_of_a_worker * static_cast<unsigned>(workers));
    return std::max(least, size / runs + 1);
}

template <typename Data, typename Less>
JobReport run_merge_sort(Pool& pool, Data data, const Less& less, const JobSettings& settings) {
    data.grain = settings.grain != 0 ? settings.grain : grain_of_runs(data.size, pool.workers());
    const Range all{0, data.size};
    const std::size_t merges = merges_of(data.size, data.grain);
    SortJob<Data, Less> job(data, less);
    if (merges == 0) {
        return job.template run<SortAll<MergeSortChunk>>(pool, ChunkPlan(all, data.grain),
                                                         settings);
    }
    const auto size = static_cast<std::size_t>(data.size);
    job.template add_phase<SortRun>(all, data.grain, Data::bytes_of_rows(size));
    for (std::size_t merge = 1; merge < merges; ++merge) {
        job.template add_phase<MergePiece>(all, data.grain, 0);
    }
    return job.template run<MergePiece>(pool, ChunkPlan(all, data.grain), settings);
}

}  // namespace pinfold::detail
