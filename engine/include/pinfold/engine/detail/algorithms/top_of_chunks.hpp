#pragma once

// The greatest elements of each chunk, and how the host joins them. Not for users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/orders.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/elements.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/greatest.hpp>
#include <pinfold/engine/detail/stream_jobs.hpp>
#include <pinfold/engine/gather.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::detail {

// The `most` greatest of a chunk's elements, at least one; of equal ones the first.
template <typename T, typename Less>
class TopElements {
  public:
    TopElements(std::uint64_t most, const Less& less)
        : most_(static_cast<std::size_t>(most)), less_(less) {}

    /// Calls `each` with them, the greatest first.
    template <typename Elements, typename Each>
    void for_each(const Elements& elements, const Each& each) const {
        const std::uint64_t size = elements.size();
        std::vector<Kept> top;
        if (size / elements_for_bound > most_) {
            top = greatest_of(elements, likely_bound(elements));
        }
        if (top.size() < most_) {  // there was no bound, or fewer come before it
            top = greatest_of(elements, std::nullopt);
        }
        for (const Kept& kept : top) {
            each(kept.element);
        }
    }

  private:
    struct Kept {
        T element;
        std::uint64_t number;
    };
    struct IsBefore {
        const Less& less;

        bool operator()(const Kept& a, const Kept& b) const {
            return less(b.element, a.element) ||
                   (a.number < b.number && !less(a.element, b.element));
        }
    };

    // Of a chunk with more elements for each that is wanted, a part is looked at first: most of the
    // others are then compared with a bound and kept no more (sort_bench: half of the time). It is
    // some that lie together of each that follow each other, as memory comes in such rows.
    static constexpr std::uint64_t elements_for_bound = 64;
    static constexpr std::uint64_t sampled_together = 8;
    static constexpr std::uint64_t sample_step = 512;
    static constexpr std::uint64_t sampled_one_of = sample_step / sampled_together;

    /// An element that probably comes behind all that are wanted, and before most others.
    template <typename Elements>
    [[nodiscard]] T likely_bound(const Elements& elements) const {
        const std::size_t wanted = most_ / sampled_one_of;
        Greatest<Kept, IsBefore> sample(wanted + wanted / 2 + 8, IsBefore{less_});
        for (std::uint64_t i = 0; i < elements.size(); ++i) {
            sample.show({elements[i], i});
            i += i % sample_step + 1 == sampled_together ? sample_step - sampled_together : 0;
        }
        return sample.take().back().element;
    }

    /// The greatest of those that do not come behind a bound.
    template <typename Elements>
    [[nodiscard]] std::vector<Kept> greatest_of(const Elements& elements,
                                                std::optional<T> bound) const {
        Greatest<Kept, IsBefore> greatest(most_, IsBefore{less_});
        for (std::uint64_t i = 0;; ++i) {
            const Kept* const last = greatest.last();
            if (last != nullptr) {
                bound = last->element;
            }
            i = next_wanted(elements, i, bound, last != nullptr);
            if (i == elements.size()) {
                return greatest.take();
            }
            greatest.show({elements[i], i});
        }
    }

    /// The next place from `i` on of one that comes before a bound, where there is one; unless
    /// `is_strict`, of one that equals it.
    template <typename Elements>
    [[nodiscard]] std::uint64_t next_wanted(const Elements& elements, std::uint64_t i,
                                            const std::optional<T>& bound, bool is_strict) const {
        if (!bound) {
            return i;
        }
        const T& border = *bound;
        return is_strict ? first_place(elements, i, elements.size(),
                                       [&](const T& x) { return bool(less_(border, x)); })
                         : first_place(elements, i, elements.size(),
                                       [&](const T& x) { return !less_(x, border); });
    }

    std::size_t most_;
    const Less& less_;
};

template <typename K>
[[nodiscard]] std::uint64_t count_of(K elements) {
    if constexpr (std::is_signed_v<K>) {
        if (elements < 0) {
            refuse_negative(elements);
        }
    }
    return static_cast<std::uint64_t>(elements);
}

template <typename In>
consteval bool check_top() {
    if constexpr (check_input<In>()) {
        constexpr bool is_array = is_range<In> || has_elements_in_place<In>;
        static_assert(is_array,
                      "pinfold: top_k takes a range, an array of the pool, pool.array(v), or a "
                      "file of numbers, pool.file(path).as<T>()");
        return is_array;
    }
    return false;
}

/// What a chunk gathers for top_k().
template <typename T, typename Less>
struct TopOfChunk {
    std::uint64_t most;
    Less less;

    void operator()(const Chunk& chunk, Appender<T>& out) const { add(elements_of(chunk), out); }
    void operator()(std::span<const T> elements, Appender<T>& out) const { add(elements, out); }

  private:
    template <typename Elements>
    void add(const Elements& elements, Appender<T>& out) const {
        const TopElements<T, Less> top(most, less);
        top.for_each(elements, [&out](const T& element) { out.push_back(element); });
    }
};

/// What a chunk found. In its slot, elements lie as they come.
template <typename T>
[[nodiscard]] std::vector<T> elements_in(std::span<const std::byte> bytes) {
    std::vector<T> elements;
    elements.reserve(bytes.size() / sizeof(T));
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
        alignas(T) std::byte copy[sizeof(T)];
        std::memcpy(copy, bytes.data() + at, sizeof(T));
        elements.push_back(*reinterpret_cast<const T*>(copy));
    }
    return elements;
}

/// Joins the greatest so far with those of the next chunk, which stand behind them where equal.
template <typename T, typename Less>
void join_top(std::vector<T>& top, const std::vector<T>& next, std::uint64_t most,
              const Less& less) {
    std::vector<T> joined;
    joined.reserve(top.size() + next.size());
    std::merge(top.begin(), top.end(), next.begin(), next.end(), std::back_inserter(joined),
               [&less](const T& a, const T& b) { return less(b, a); });
    if (joined.size() > most) {
        joined.erase(joined.begin() + static_cast<std::ptrdiff_t>(most), joined.end());
    }
    top = std::move(joined);
}

// A chunk has so many elements for each that is wanted, so that what it finds costs less than its
// search; where that would leave fewer chunks than workers may want, no fewer than the lesser.
inline constexpr std::uint64_t elements_for_one = 1024;
inline constexpr std::uint64_t least_elements_for_one = 8;
inline constexpr std::uint64_t chunks_for_workers = 32;

template <typename Input>
[[nodiscard]] ChunkPlan plan_of_top(const Input& input, std::uint64_t most,
                                    const JobSettings& settings) {
    const auto all =
        static_cast<std::uint64_t>(std::min<uint128>(input.range.size(), ~std::uint64_t{0}));
    const std::uint64_t few = std::max<std::uint64_t>(all / chunks_for_workers, 1);
    const std::uint64_t wide = most < few / elements_for_one ? most * elements_for_one : few;
    const std::uint64_t least = most < all / least_elements_for_one
                                    ? most * least_elements_for_one
                                    : std::max<std::uint64_t>(all, 1);
    JobSettings wanted = settings;
    if (settings.grain == 0) {
        wanted.grain = std::max({input.default_grain(sizeof(ResultSlot)), wide, least});
    }
    return plan_of(input, wanted, sizeof(ResultSlot));
}

template <typename T, typename In, typename Less>
JobResult<std::vector<T>> top_of(Pool& pool, const In& in, std::uint64_t most, const Less& less,
                                 const JobSettings& settings) {
    JobResult<std::vector<T>> result;
    using Map = TopOfChunk<T, Meant<Less>>;
    using Data = MapOfChunks<Map, NoJob, typename InputOf<In>::Data, GatherTo<T>>;
    const auto input = input_of(in);
    input.check(pool);
    check_pointers(pool, "the order", less);
    const Meant<Less> order = meant(less);
    const CallData<Data> call(NoJob{}, Map{std::max<std::uint64_t>(most, 1), order}, input.data());
    JobSpec spec = spec_of_parts<T>(plan_of_top(input, most, settings), call, settings);
    result.report = run_stream(pool, spec, [&](std::byte* result_at, const Chunk&) {
        tell_maps_ended();
        const auto& slot = *reinterpret_cast<const ResultSlot*>(result_at);
        join_top(result.value, elements_in<T>(slot.content()), most, order);
    });
    return result;
}

}  // namespace pinfold::detail
