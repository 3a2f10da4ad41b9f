#pragma once

// The greatest elements of each chunk, and how the host joins them. Not for users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/algorithms/sorts.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/front_door.hpp>
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

// The `most` greatest of the elements that it was shown, at least one; of equal ones the first.
// Twice as many are kept before the lesser ones go, so each costs a comparison, and a few more when
// it is kept.
template <typename T, typename Less>
class TopElements {
  public:
    TopElements(std::uint64_t most, const Less& less) : most_(most), less_(less) {}

    void show(const T& element) {
        if (is_full_ && !less_(kept_[most_ - 1].element, element)) {
            return;
        }
        kept_.push_back({element, shown_++});
        if (kept_.size() / 2 >= most_) {
            keep_the_greatest();
        }
    }

    /// Those that are kept, the greatest first.
    template <typename Each>
    void for_each(const Each& each) {
        std::sort(kept_.begin(), kept_.end(), is_before());
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(most_, kept_.size()); ++i) {
            each(kept_[i].element);
        }
    }

  private:
    struct Kept {
        T element;
        std::uint64_t number;
    };

    [[nodiscard]] auto is_before() const noexcept {
        return [this](const Kept& a, const Kept& b) {
            return less_(b.element, a.element) ||
                   (a.number < b.number && !less_(a.element, b.element));
        };
    }

    // The least of them comes last, where show() looks.
    void keep_the_greatest() {
        const auto least = kept_.begin() + static_cast<std::ptrdiff_t>(most_ - 1);
        std::nth_element(kept_.begin(), least, kept_.end(), is_before());
        kept_.erase(least + 1, kept_.end());
        is_full_ = true;
    }

    std::uint64_t most_;
    const Less& less_;
    std::vector<Kept> kept_;
    std::uint64_t shown_ = 0;
    bool is_full_ = false;
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
        TopElements<T, Less> top(most, less);
        for (std::uint64_t i = 0; i < elements.size(); ++i) {
            top.show(elements[i]);
        }
        top.for_each([&out](const T& element) { out.push_back(element); });
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

/// Of a chunk of fewer elements than are wanted, all would cross to the host.
template <typename Input>
[[nodiscard]] ChunkPlan plan_of_top(const Input& input, std::uint64_t most,
                                    const JobSettings& settings) {
    const auto all =
        static_cast<std::uint64_t>(std::min<uint128>(input.range.size(), ~std::uint64_t{0}));
    const std::uint64_t wide = most < all / 8 ? 8 * most : std::max<std::uint64_t>(all, 1);
    JobSettings wanted = settings;
    if (settings.grain == 0) {
        wanted.grain = std::max(input.default_grain(sizeof(ResultSlot)), wide);
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
