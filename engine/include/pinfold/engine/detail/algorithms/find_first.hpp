#pragma once

// The map of a chunk in which the first element is looked for. Not for users.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/look_back.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/elements.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/shm/array.hpp>

namespace pinfold::detail {

/// An input, and the lowest chunk, by its number, in which somebody has found an element; at first
/// none, the highest number. It lies in shared memory, or is null: then nobody looks.
template <typename In>
struct SearchedInput {
    using Arguments = Types<const SearchedInput&>;

    [[no_unique_address]] In in;
    std::uint64_t* lowest = nullptr;

    template <typename Next>
    decltype(auto) give(const Chunk&, const Next& next) const {
        return next(*this);
    }

    // Relaxed: it is a hint, and what was found crosses as the chunk's result.
    [[nodiscard]] bool is_behind_one(const Chunk& chunk) const noexcept {
        return lowest != nullptr &&
               std::atomic_ref(*lowest).load(std::memory_order_relaxed) < chunk.index;
    }
    void tell_found_in(const Chunk& chunk) const noexcept {
        if (lowest == nullptr) {
            return;
        }
        const std::atomic_ref word(*lowest);
        std::uint64_t seen = word.load(std::memory_order_relaxed);
        while (chunk.index < seen &&
               !word.compare_exchange_weak(seen, chunk.index, std::memory_order_relaxed)) {
        }
    }
};

/// The first element of a chunk that the predicate holds for. A chunk behind one that has such an
/// element may give none: nobody asks for it. So all chunks before the first hit are searched to
/// their ends, and what is found is the same on each run.
template <typename T, typename Predicate>
struct FindFirst {
    using Hit = std::optional<Found<T>>;

    Predicate holds;

    template <typename In>
    Hit operator()(const SearchedInput<In>& input, const Chunk& chunk) const {
        if (input.is_behind_one(chunk)) {
            return std::nullopt;
        }
        return with_elements(input.in, chunk,
                             [&](const auto& elements) { return among(elements, input, chunk); });
    }

  private:
    // Elements between two looks at what others have found: some microseconds.
    static constexpr std::uint64_t row = 4096;

    template <typename Elements, typename In>
    Hit among(const Elements& elements, const SearchedInput<In>& input, const Chunk& chunk) const {
        const std::uint64_t size = elements.size();
        for (std::uint64_t begin = 0; begin < size; begin += row) {
            const std::uint64_t end = begin + std::min(row, size - begin);
            const std::uint64_t at = first_place(elements, begin, end, [this](const auto& element) {
                return static_cast<bool>(std::invoke(holds, element));
            });
            if (at != end) {
                input.tell_found_in(chunk);
                return Found<T>{chunk.begin + at, elements[at]};
            }
            if (input.is_behind_one(chunk)) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }
};

// Some microseconds of work, so that a chunk costs less than its search.
inline constexpr std::uint64_t least_elements_searched = 16384;

template <typename Input>
ChunkPlan plan_of_search(const Input& input, const JobSettings& settings, std::size_t hit_bytes) {
    JobSettings wanted = settings;
    if (settings.grain == 0) {
        wanted.grain = std::max(input.default_grain(hit_bytes), least_elements_searched);
    }
    return plan_of(input, wanted, hit_bytes);
}

template <typename T, typename Input, typename Predicate>
auto find_first(Pool& pool, const Input& input, const Predicate& predicate,
                const JobSettings& settings) {
    using Map = FindFirst<T, Meant<Predicate>>;
    using Hit = typename Map::Hit;
    using In = SearchedInput<decltype(input.data())>;
    check_elements_here(pool, input, predicate);
    // A rehearsal compares the results of all chunks, which depend on who was first otherwise.
    shm::Array<std::uint64_t> lowest(pool.arena(), settings.rehearse ? 0 : 1);
    std::ranges::fill(lowest, std::numeric_limits<std::uint64_t>::max());
    const CallData<MapOfChunks<Map, NoJob, In>> call(
        NoJob{}, Map{meant(predicate)},
        In{input.data(), settings.rehearse ? nullptr : lowest.data()});
    auto first = [](const Hit& a, const Hit& b) { return a ? a : b; };
    const Hit none;
    return run_and_fold_chunks<Hit>(pool, plan_of_search(input, settings, sizeof(Hit)), call, first,
                                    settings, &none);
}

}  // namespace pinfold::detail
