#pragma once

// A stable sort of numbers by their digits. Phases cut the keys into buckets by a sample, count the
// rows of each bucket in each chunk, find where these go, and spread the rows over the temporary
// memory. The job's own chunks sort a bucket each into the output:
//
//     input -> sample -> counts -> places -> buckets -> output
//
// The sample is at fixed places, which no pattern of the input is likely to follow. What is sorted
// does not depend on it. Not for users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_seed.hpp>
#include <pinfold/engine/detail/algorithms/radix_key.hpp>
#include <pinfold/engine/detail/algorithms/radix_sort.hpp>
#include <pinfold/engine/detail/algorithms/radix_splitters.hpp>
#include <pinfold/engine/detail/algorithms/sort_call.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <span>
#include <vector>

namespace pinfold::detail {

/// The phases by what they leave behind.
enum RadixPhase : std::size_t {
    radix_splitters,  // keys
    radix_counts,     // of rows, by chunk and bucket
    radix_places,     // of a chunk's first row in a bucket, likewise; then where all rows end
    radix_buckets,    // the rows, bucket by bucket
};

struct RadixSortChunk {
    template <typename Key, typename Value, typename Less>
    void operator()(ReadRows<Key, Value> from, SortRows<Key, Value> to,
                    SortRows<Key, Value> scratch, std::size_t size, const Less&) const {
        RadixSort<Less>::template sort<Key, Value>(from, to, scratch, size);
    }
};

struct SampleKeys {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less&, const Chunk&, const PhaseMemory* memory) const {
        const auto rows = data.input();
        const auto splitters = memory->of<std::uint64_t>(radix_splitters);
        std::vector<std::uint64_t> sample(samples_of_a_bucket * (splitters.size() + 1));
        for (std::size_t i = 0; i < sample.size(); ++i) {
            const std::uint64_t at = chunk_seed(0, i) % data.size;
            sample[i] = radix_key<Less>(rows.keys[at]);
        }
        put_splitters(sample, splitters);
    }
};

/// Calls `each(row, bucket)` for each row of a chunk.
template <typename Less, typename Data, typename Each>
void for_each_row(const Data& data, const Chunk& chunk, const PhaseMemory& memory,
                  const Each& each) {
    const auto* const keys = data.input().keys + chunk.begin;
    for_each_bucket(
        memory.of<std::uint64_t>(radix_splitters), static_cast<std::size_t>(chunk.size()),
        [keys](std::size_t i) { return radix_key<Less>(keys[i]); },
        [&](std::size_t i, std::size_t bucket) {
            each(static_cast<std::size_t>(chunk.begin) + i, bucket);
        });
}

struct CountRows {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less&, const Chunk& chunk,
                    const PhaseMemory* memory) const {
        const std::size_t buckets = memory->of<std::uint64_t>(radix_splitters).size() + 1;
        std::vector<std::uint64_t> counts(buckets);
        data.bring_in_rows(memory->of<std::byte>(radix_buckets).data(), chunk);
        for_each_row<Less>(data, chunk, *memory,
                           [&](std::size_t, std::size_t bucket) { ++counts[bucket]; });
        std::copy(counts.begin(), counts.end(),
                  memory->of<std::uint64_t>(radix_counts).begin() +
                      static_cast<std::ptrdiff_t>(chunk.index * buckets));
    }
};

struct PlaceRows {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less&, const Chunk&, const PhaseMemory* memory) const {
        const std::size_t buckets = memory->of<std::uint64_t>(radix_splitters).size() + 1;
        const auto counts = memory->of<std::uint64_t>(radix_counts);
        const auto places = memory->of<std::uint64_t>(radix_places);
        std::uint64_t place = 0;
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            for (std::size_t i = bucket; i < counts.size(); i += buckets) {
                places[i] = place;
                place += counts[i];
            }
        }
        places[counts.size()] = data.size;
    }
};

struct SpreadRows {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less&, const Chunk& chunk,
                    const PhaseMemory* memory) const {
        const std::size_t buckets = memory->of<std::uint64_t>(radix_splitters).size() + 1;
        const auto* const first = memory->of<std::uint64_t>(radix_places).data() +
                                  static_cast<std::size_t>(chunk.index) * buckets;
        std::vector<std::uint64_t> places(first, first + buckets);
        const auto from = data.input();
        const auto to = Data::rows_in(memory->of<std::byte>(radix_buckets).data(),
                                      static_cast<std::size_t>(data.size));
        for_each_row<Less>(data, chunk, *memory, [&](std::size_t row, std::size_t bucket) {
            put_row(to, static_cast<std::size_t>(places[bucket]++), from, row);
        });
    }
};

struct SortBucket {
    template <typename Data, typename Less>
    void operator()(const Data& data, const Less&, const Chunk& chunk,
                    const PhaseMemory* memory) const {
        const auto places = memory->of<std::uint64_t>(radix_places);
        const auto begin = static_cast<std::size_t>(places[chunk.begin]);
        const std::size_t buckets = memory->of<std::uint64_t>(radix_splitters).size() + 1;
        const bool is_last = chunk.begin + 1 == buckets;
        const auto end = static_cast<std::size_t>(is_last ? data.size : places[chunk.begin + 1]);
        const auto from = Data::rows_in(memory->of<std::byte>(radix_buckets).data(),
                                        static_cast<std::size_t>(data.size));
        const SortScratch<Data> scratch(end - begin);
        RadixSort<Less>::template sort<typename Data::Key, typename Data::Value>(
            from.read_only().behind(begin), data.output().behind(begin), scratch.rows(),
            end - begin);
    }
};

template <typename Data, typename Less>
JobReport run_radix_sort(Pool& pool, Data data, const Less& less, const JobSettings& settings) {
    constexpr std::uint64_t chunks_of_default_grain = 256;
    constexpr std::uint64_t least_grain = 1U << 15;
    data.grain = settings.grain != 0
                     ? settings.grain
                     : std::max(least_grain, data.size / chunks_of_default_grain + 1);
    const Range all{0, data.size};
    const ChunkPlan plan(all, data.grain);
    SortJob<Data, Less> job(data, less);
    if (plan.size() <= 1) {
        return job.template run<SortAll<RadixSortChunk>>(pool, plan, settings);
    }
    const std::size_t buckets = buckets_of(data.size);
    const std::size_t counts = static_cast<std::size_t>(plan.size()) * buckets;
    job.template add_phase<SampleKeys>({0, 1}, 1, (buckets - 1) * sizeof(std::uint64_t));
    job.template add_phase<CountRows>(all, data.grain, counts * sizeof(std::uint64_t));
    job.template add_phase<PlaceRows>({0, 1}, 1, (counts + 1) * sizeof(std::uint64_t));
    job.template add_phase<SpreadRows>(all, data.grain,
                                       Data::bytes_of_rows(static_cast<std::size_t>(data.size)));
    return job.template run<SortBucket>(pool, ChunkPlan(Range{0, buckets}, 1), settings);
}

}  // namespace pinfold::detail
