#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/text_input.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace pinfold {

/// Elements of an array, with some of their neighbours on both sides: what a map gets of
/// Neighbours.
///
///     const std::array numbers{1, 2, 3, 4, 5};
///     const pinfold::Neighbourhood<int> near(numbers, 1, 3, 1, 1);  // owns 2, 3, 4
///     assert(near.own().front() == 2 && near[-1] == 1 && near[3] == 5);
///     assert(near.around(1)[0] == 3 && near.around(1)[1] == 4);
template <typename T>
class Neighbourhood {
  public:
    /// Elements [first, first + size) of `all` are its own; of each one, up to `before` elements on
    /// its left and `after` on its right are neighbours.
    Neighbourhood(std::span<const T> all, std::size_t first, std::size_t size, std::size_t before,
                  std::size_t after) noexcept
        : own_(all.data() + first),
          size_(size),
          left_(std::min(before, first)),
          right_(std::min(after, all.size() - first - size)),
          before_(before),
          after_(after) {}

    /// The number of its own elements.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const T> own() const noexcept { return {own_, size_}; }

    /// Its own elements and their neighbours.
    [[nodiscard]] std::span<const T> all() const noexcept {
        return {own_ - left_, left_ + size_ + right_};
    }

    /// How many elements there are on the left of its first one, and on the right of its last one:
    /// fewer than were asked for where the array ends.
    [[nodiscard]] std::size_t before() const noexcept { return left_; }
    [[nodiscard]] std::size_t after() const noexcept { return right_; }

    /// Its own element `i`, or a neighbour: from -before() up to below size() + after().
    [[nodiscard]] const T& operator[](std::ptrdiff_t i) const noexcept { return own_[i]; }

    /// Its own element `i` alone, with that one's neighbours.
    [[nodiscard]] Neighbourhood around(std::size_t i) const noexcept {
        return {all(), left_ + i, 1, before_, after_};
    }

  private:
    const T* own_;
    std::size_t size_;
    std::size_t left_;
    std::size_t right_;
    std::size_t before_;
    std::size_t after_;
};

namespace detail {

template <typename Arguments>
struct SpanIn {};
template <typename T>
struct SpanIn<Types<std::span<const T>>> {
    using Type = T;
};

/// What the elements of an array-like input are.
template <typename Source>
using ElementIn = typename SpanIn<typename InputOf<Source>::Data::Arguments>::Type;

template <typename Source>
consteval bool check_neighbours() {
    constexpr bool is_array = requires {
        typename ElementIn<Source>;
    };
    static_assert(is_array,
                  "pinfold: neighbours stand in an array of the pool, pool.array(v), a span of "
                  "one, or a file, pool.file(path): workers do not see a std::vector");
    return is_array;
}

template <typename T, typename Data>
struct NeighboursOf {
    using Arguments = Types<const Neighbourhood<T>&>;

    Data data;
    std::uint64_t size;
    std::uint64_t before;
    std::uint64_t after;

    template <typename Next>
    decltype(auto) give(const Chunk& chunk, const Next& next) const {
        const std::uint64_t left = std::min<std::uint64_t>(before, chunk.begin);
        const std::uint64_t behind = size - chunk.begin - chunk.size();
        const std::uint64_t right = std::min(after, behind);
        const Chunk wide(chunk.begin - left, left + chunk.size() + right, chunk.index);
        return data.give(wide, [&](std::span<const T> all) -> decltype(auto) {
            return next(Neighbourhood<T>(
                all, static_cast<std::size_t>(left), static_cast<std::size_t>(chunk.size()),
                static_cast<std::size_t>(before), static_cast<std::size_t>(after)));
        });
    }
};

template <typename T, typename In>
struct NeighboursInput {
    using Data = NeighboursOf<T, typename In::Data>;
    using Element = Neighbourhood<T>;

    In in;
    std::size_t before;
    std::size_t after;
    Range range = in.range;

    [[nodiscard]] Data data() const {
        return {in.data(), static_cast<std::uint64_t>(range.size()), before, after};
    }
    void check(const Pool& pool) const { in.check(pool); }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return in.bytes(); }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return in.default_grain(result_bytes);
    }
};

}  // namespace detail

/// An array as an input, of which a map also sees the elements beside its own: up to `before` on
/// the left and `after` on the right, fewer at the array's ends. For stencils, moving averages, and
/// for what a border of chunks would cut in two, such as a string in a text.
///
///     pinfold::Pool pool;
///     const auto in = pool.array(std::vector<double>{4, 8, 0, 4});
///     const auto out = pool.array<double>(in.size());
///     pinfold::transform(pool, pinfold::Neighbours(in, 1, 1), out, [](const auto& near) {
///         double sum = 0;
///         for (const double x : near.all()) {
///             sum += x;
///         }
///         return sum / double(near.all().size());
///     });
///     assert(out[0] == 6 && out[1] == 4);
///
/// A map of a chunk gets `(const Neighbourhood<T>& near, chunk)`, or the first alone; functions of
/// elements get a Neighbourhood<T> with one element of its own. Everything else is as for the array
/// itself. An output may not overlap the array.
template <typename Source>
class Neighbours {
    static_assert(detail::check_neighbours<Source>());

  public:
    Neighbours(Source source, std::size_t before, std::size_t after)
        : source_(std::move(source)), before_(before), after_(after) {}

    /// Not for users: what calls make of it.
    [[nodiscard]] auto input() const {
        using In = detail::InputOf<Source>;
        return detail::NeighboursInput<detail::ElementIn<Source>, In>{detail::input_of(source_),
                                                                      before_, after_};
    }

  private:
    Source source_;
    std::size_t before_;
    std::size_t after_;
};

}  // namespace pinfold
