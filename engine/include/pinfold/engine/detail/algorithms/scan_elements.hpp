#pragma once

// The map of a scan's chunk: it reduces the chunk, which brings it into the cache, finds the prefix
// before it, and reads it again to write the output. Not for users.

#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/look_back.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/range.hpp>
#include <span>
#include <utility>

namespace pinfold::detail {

enum class ScanKind { inclusive, exclusive };

/// A chunk's elements, in four parts of equal size and a rest, which are reduced and scanned side
/// by side: each step waits for the one before it, some 3 cycles in a sum of doubles, but not for
/// those of other parts. How many elements there are says where parts begin, and nothing else does:
/// so the value has the same bits on each run.
template <typename T, typename Op, typename F, typename Elements>
class ScannedChunk {
  public:
    /// The elements, of which there is at least one, and the functions live longer than this.
    ScannedChunk(const Elements& elements, const Op& op, const F& f)
        : elements_(elements),
          op_(op),
          f_(f),
          size_(elements.size()),
          part_(size_ >= 4 * least_part ? size_ / 4 : 0) {}

    /// What the parts and the rest reduce to. A chunk of few elements is all rest.
    struct Sums {
        T first, second, third, fourth;
    };
    [[nodiscard]] bool has_parts() const noexcept { return part_ != 0; }
    [[nodiscard]] Sums sums_of_parts() const {
        T a = value(0);
        T b = value(part_);
        T c = value(2 * part_);
        T d = value(3 * part_);
        for (std::uint64_t i = 1; i < part_; ++i) {
            a = step(std::move(a), i);
            b = step(std::move(b), part_ + i);
            c = step(std::move(c), 2 * part_ + i);
            d = step(std::move(d), 3 * part_ + i);
        }
        return {std::move(a), std::move(b), std::move(c), std::move(d)};
    }
    [[nodiscard]] T reduced(const Sums& sums) const {
        return rest_reduced(op_(op_(op_(sums.first, sums.second), sums.third), sums.fourth),
                            4 * part_);
    }
    [[nodiscard]] T reduced() const { return rest_reduced(value(0), 1); }

    /// Scans from what comes before the chunk on.
    template <ScanKind kind, typename Out>
    void scan(const T& prefix, const Sums& sums, std::span<Out> out) const {
        T a = prefix;
        T b = op_(a, sums.first);
        T c = op_(b, sums.second);
        T d = op_(c, sums.third);
        for (std::uint64_t i = 0; i < part_; ++i) {
            scan_at<kind>(a, i, out);
            scan_at<kind>(b, part_ + i, out);
            scan_at<kind>(c, 2 * part_ + i, out);
            scan_at<kind>(d, 3 * part_ + i, out);
        }
        scan_rest<kind>(std::move(d), 4 * part_, out);
    }
    template <ScanKind kind, typename Out>
    void scan(const T& prefix, std::span<Out> out) const {
        scan_rest<kind>(prefix, 0, out);
    }

    /// The same where nothing comes before it: the first element begins.
    template <typename Out>
    void scan_from_first(std::span<Out> out) const {
        T first = value(0);
        out[0] = static_cast<Out>(first);
        scan_rest<ScanKind::inclusive>(std::move(first), 1, out);
    }

  private:
    static constexpr std::uint64_t least_part = 16;  // fewer are not worth what their joins cost

    [[nodiscard]] T value(std::uint64_t i) const {
        return static_cast<T>(std::invoke(f_, elements_[i]));
    }
    [[nodiscard]] T step(T value, std::uint64_t i) const {
        return op_(std::move(value), std::invoke(f_, elements_[i]));
    }
    [[nodiscard]] T rest_reduced(T sum, std::uint64_t from) const {
        for (std::uint64_t i = from; i < size_; ++i) {
            sum = step(std::move(sum), i);
        }
        return sum;
    }

    template <ScanKind kind, typename Out>
    void scan_at(T& value, std::uint64_t i, std::span<Out> out) const {
        if constexpr (kind == ScanKind::inclusive) {
            value = step(std::move(value), i);
            out[i] = static_cast<Out>(value);
        } else {
            out[i] = static_cast<Out>(value);
            value = step(std::move(value), i);
        }
    }
    template <ScanKind kind, typename Out>
    void scan_rest(T value, std::uint64_t from, std::span<Out> out) const {
        for (std::uint64_t i = from; i < size_; ++i) {
            scan_at<kind>(value, i, out);
        }
    }

    const Elements& elements_;
    const Op& op_;
    const F& f_;
    std::uint64_t size_;
    std::uint64_t part_;
};

/// The map of a chunk.
template <ScanKind kind, typename T, typename Op, typename F>
struct ScanElements {
    Op op;
    F f;

    template <typename In, typename Out>
    void operator()(const InputLookingBack<In, T>& input, std::span<Out> out,
                    const Chunk& chunk) const {
        with_elements(input.in, chunk, [&](const auto& elements) {
            const auto scanned = of(elements);
            if (scanned.has_parts()) {
                const auto sums = scanned.sums_of_parts();
                scan(
                    input, chunk, scanned, scanned.reduced(sums),
                    [&](const T& prefix) { scanned.template scan<kind>(prefix, sums, out); }, out);
            } else {
                scan(
                    input, chunk, scanned, scanned.reduced(),
                    [&](const T& prefix) { scanned.template scan<kind>(prefix, out); }, out);
            }
        });
    }

  private:
    template <typename Elements>
    ScannedChunk<T, Op, F, Elements> of(const Elements& elements) const {
        return {elements, op, f};
    }

    /// What is published is so before the output is written, so that the next chunk need not wait.
    template <typename In, typename Scanned, typename Write, typename Out>
    void scan(const InputLookingBack<In, T>& input, const Chunk& chunk, const Scanned& scanned,
              const T& partial, const Write& write, std::span<Out> out) const {
        const LookBack<T>& before = input.before;
        static_cast<void>(before.publish_partial(chunk, partial));
        if (!before.has_prefix(chunk)) {
            before.publish_prefix(chunk, partial);
            scanned.scan_from_first(out);
            return;
        }
        const T prefix = before.prefix_before(
            chunk, op, [&](std::uint64_t index) { return partial_of(input, input.plan[index]); });
        before.publish_prefix(chunk, op(prefix, partial));
        write(prefix);
    }

    template <typename In>
    T partial_of(const InputLookingBack<In, T>& input, const Chunk& chunk) const {
        return with_elements(input.in, chunk, [&](const auto& elements) {
            const auto scanned = of(elements);
            return scanned.has_parts() ? scanned.reduced(scanned.sums_of_parts())
                                       : scanned.reduced();
        });
    }
};

}  // namespace pinfold::detail
