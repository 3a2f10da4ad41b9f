#pragma once

// Counts in bins: the map of a chunk, and the job. Not for users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/in_a_row.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/elements.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/stream_jobs.hpp>
#include <pinfold/engine/gather.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace pinfold {

/// Bins of equal width for histogram(): `count` of them, which together are [first, last).
///
///     const pinfold::Bins bins{0, 100, 20};
///     assert(bins.count == 20);
struct PINFOLD_API Bins {
    double first = 0;
    double last = 1;
    std::size_t count = 1;
};

/// The most bins of a histogram: 2^24.
inline constexpr std::size_t most_bins = std::size_t{1} << 24;

/// What histogram() counts.
///
///     pinfold::Histogram h;
///     h.counts = {3, 4};
///     h.below = 1;
///     assert(h.all() == 8);
struct PINFOLD_API Histogram {
    std::vector<std::uint64_t> counts;  ///< one for each bin
    std::uint64_t below = 0;            ///< elements before the first bin
    std::uint64_t above = 0;            ///< elements behind the last bin
    std::uint64_t nan = 0;              ///< elements that are no number

    /// All elements that were looked at.
    [[nodiscard]] std::uint64_t all() const noexcept {
        std::uint64_t sum = below + above + nan;
        for (const std::uint64_t count : counts) {
            sum += count;
        }
        return sum;
    }

    friend bool operator==(const Histogram&, const Histogram&) = default;
};

namespace detail {

/// Throws std::invalid_argument for bins that are none.
PINFOLD_API void check_bins(const Bins& bins);

/// The bin of a number.
///
///     const pinfold::detail::BinOfNumber bin_of(pinfold::Bins{0, 10, 5});
///     assert(bin_of(9.5) == 4 && bin_of(-1) < 0 && bin_of(10) >= 5);
class PINFOLD_API BinOfNumber {
  public:
    explicit BinOfNumber(const Bins& bins) noexcept
        : first_(bins.first),
          last_(bins.last),
          scale_(static_cast<double>(bins.count) / (bins.last - bins.first)),
          last_bin_(static_cast<std::int64_t>(bins.count) - 1) {}

    static constexpr std::int64_t above = std::numeric_limits<std::int64_t>::max();
    static constexpr std::int64_t no_number = std::numeric_limits<std::int64_t>::min();

    template <typename T>
    std::int64_t operator()(const T& element) const noexcept {
        const auto x = static_cast<double>(element);
        if (x >= first_ && x < last_) {  // what is rounded up to the end lies in the last bin
            return std::min(static_cast<std::int64_t>((x - first_) * scale_), last_bin_);
        }
        return x < first_ ? -1 : x >= last_ ? above : no_number;
    }

  private:
    double first_;
    double last_;
    double scale_;
    std::int64_t last_bin_;
};

template <typename F>
inline constexpr bool tells_numbers_apart = std::is_same_v<F, BinOfNumber>;

/// Behind a chunk's counts of bins, those of what lies in none.
enum OutsideBins : std::size_t { below_bins, above_bins, no_numbers, places_outside_bins };

/// The map of a chunk: its counts.
template <typename BinOf>
struct CountInBins {
    BinOf bin_of;
    std::size_t bins;

    template <typename T>
    void operator()(std::span<const T> elements, const Chunk&, Appender<std::uint64_t>& out) const {
        count(elements, out);
    }
    void operator()(const Chunk& chunk, Appender<std::uint64_t>& out) const {
        count(elements_of(chunk), out);
    }

  private:
    template <typename Elements>
    void count(Elements elements, Appender<std::uint64_t>& out) const {
        std::vector<std::uint64_t> counts(bins + places_outside_bins);
        std::uint64_t* const places = counts.data();
        const std::size_t end = bins;  // a copy: for all that the compiler knows, a count is `bins`
        const auto place = [&](std::uint64_t i) {
            return place_of(std::invoke(bin_of, elements[i]), end);
        };
        std::uint64_t i = 0;
        // The next elements are read before a count is written, which may be what they are read by
        // (scan_bench: a fifth of the time).
        for (; elements.size() - i >= 4; i += 4) {
            const std::size_t at[] = {place(i), place(i + 1), place(i + 2), place(i + 3)};
            ++places[at[0]];
            ++places[at[1]];
            ++places[at[2]];
            ++places[at[3]];
        }
        for (; i < elements.size(); ++i) {
            ++places[place(i)];
        }
        out.append(counts);
    }

    template <typename Bin>
    [[nodiscard]] static std::size_t place_of(Bin bin, std::size_t end) noexcept {
        if constexpr (std::is_signed_v<Bin>) {
            if (bin < 0) {
                const bool is_number = !tells_numbers_apart<BinOf> || bin == -1;
                return end + (is_number ? below_bins : no_numbers);
            }
        }
        const auto place = static_cast<std::uint64_t>(bin);
        return place < end ? static_cast<std::size_t>(place) : end + above_bins;
    }
};

/// Adds a chunk's counts.
PINFOLD_API void add_counts(Histogram& all, std::span<const std::byte> counts);

// A chunk has more elements than bins, so that its counts cost less than they are worth: of many
// bins at least so many that some workers have a chunk. And what is ahead of the host has some MiB,
// not so many chunks.
inline constexpr std::uint64_t elements_a_bin = 256;
inline constexpr std::uint64_t least_elements_a_bin = 16;
inline constexpr std::uint64_t chunks_of_counts = 32;
inline constexpr std::size_t counts_ahead_bytes = std::size_t{16} << 20;

template <typename Input>
ChunkPlan plan_of_counts(const Input& input, const JobSettings& settings, std::size_t bins) {
    const auto size = static_cast<std::uint64_t>(input.range.size());
    const std::uint64_t grain =
        std::max({input.default_grain(0), least_elements_a_bin * bins,
                  std::min<std::uint64_t>(elements_a_bin * bins, size / chunks_of_counts)});
    return ChunkPlan(input.range, settings.grain != 0 ? settings.grain : grain);
}

template <typename In, typename BinOf>
JobResult<Histogram> count_in_bins(Pool& pool, const In& in, const BinOf& bin_of, std::size_t bins,
                                   const JobSettings& given) {
    using Map = CountInBins<Meant<BinOf>>;
    const auto input = input_of(in);
    check_elements_here(pool, input, bin_of);
    JobSettings settings = given;
    if (settings.look_ahead == 0) {
        settings.look_ahead =
            std::clamp<std::uint64_t>(counts_ahead_bytes / (bins * sizeof(std::uint64_t)), 4, 256);
    }
    const CallData<MapOfGather<std::uint64_t, In, NoJob, Map>> call(
        NoJob{}, Map{meant(bin_of), bins}, input.data());
    JobSpec spec =
        spec_of_parts<std::uint64_t>(plan_of_counts(input, settings, bins), call, settings);
    JobResult<Histogram> result;
    result.value.counts.resize(bins);
    result.report = run_stream(pool, spec, [&result](std::byte* at, const Chunk&) {
        tell_maps_ended();
        add_counts(result.value, reinterpret_cast<const ResultSlot*>(at)->content());
    });
    return result;
}

template <typename In>
consteval bool check_has_numbers() {
    if constexpr (check_is_in_a_row<In>()) {
        constexpr bool are_numbers = std::is_arithmetic_v<ElementCopy<In>>;
        static_assert(are_numbers,
                      "pinfold: Bins are of numbers: of other elements, a function tells the bin, "
                      "histogram(pool, in, count, bin_of)");
        return are_numbers;
    }
    return false;
}

template <typename BinOf, typename In>
consteval bool check_bin_function() {
    if constexpr (check_is_in_a_row<In>() && check_element_function<BinOf, In>()) {
        constexpr bool tells = std::is_integral_v<typename ElementCall<BinOf, In>::Value>;
        static_assert(tells, "pinfold: the function returns the number of a bin, an integer");
        return tells;
    }
    return false;
}

}  // namespace detail
}  // namespace pinfold
