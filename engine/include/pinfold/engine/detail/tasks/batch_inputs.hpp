#pragma once

// The inputs of a batch, side by side. Not for users.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/engine/uint128.hpp>
#include <span>  // and with it what ranges need
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::detail {

/// The numbers of a Range, up to 2^64 of them.
class PINFOLD_API NumbersOf {
  public:
    class Iterator {
      public:
        using value_type = std::uint64_t;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        explicit Iterator(const Range& range) noexcept : at_(range.begin), left_(range.size()) {}
        [[nodiscard]] std::uint64_t operator*() const noexcept { return at_; }
        Iterator& operator++() noexcept {
            ++at_;
            --left_;
            return *this;
        }
        void operator++(int) noexcept { ++*this; }
        friend bool operator==(const Iterator& i, std::default_sentinel_t) noexcept {
            return i.left_ == 0;
        }

      private:
        std::uint64_t at_;
        uint128 left_;
    };

    explicit NumbersOf(const Range& range) noexcept : range_(range) {}
    [[nodiscard]] Iterator begin() const noexcept { return Iterator(range_); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
    [[nodiscard]] std::uint64_t size() const noexcept {
        return static_cast<std::uint64_t>(std::min<uint128>(range_.size(), ~std::uint64_t{0}));
    }

  private:
    Range range_;
};

/// An input as a batch has it: the caller's own container where that stays, else a copy.
template <typename In>
struct HeldInput {
    using Range = In;
    In input;

    explicit HeldInput(In&& given) : input(static_cast<In&&>(given)) {}
    explicit HeldInput(const In& given) : input(given) {}
    [[nodiscard]] In& range() noexcept { return input; }
};
template <typename In>
struct ReferredInput {
    using Range = In;
    In* input;

    explicit ReferredInput(In& given) noexcept : input(std::addressof(given)) {}
    [[nodiscard]] In& range() noexcept { return *input; }
};
template <>
struct HeldInput<pinfold::Range> {
    using Range = NumbersOf;
    NumbersOf input;

    explicit HeldInput(const pinfold::Range& given) noexcept : input(given) {}
    [[nodiscard]] NumbersOf& range() noexcept { return input; }
};
/// The elements of a list in braces are gone with the call.
template <typename T>
struct HeldInput<std::initializer_list<T>> {
    using Range = std::vector<T>;
    std::vector<T> input;

    explicit HeldInput(std::initializer_list<T> given) : input(given) {}
    [[nodiscard]] std::vector<T>& range() noexcept { return input; }
};

template <typename T>
inline constexpr bool is_list = false;
template <typename T>
inline constexpr bool is_list<std::initializer_list<T>> = true;

template <typename Given>
constexpr bool is_referred() noexcept {
    using In = std::remove_cvref_t<Given>;
    return std::is_lvalue_reference_v<Given> && !std::is_same_v<In, Range> && !is_list<In> &&
           !std::ranges::enable_view<In>;
}

/// `Given` is a reference if the caller has a variable.
template <typename Given>
using InputHolder =
    std::conditional_t<is_referred<Given>(), ReferredInput<std::remove_reference_t<Given>>,
                       HeldInput<std::remove_cvref_t<Given>>>;

template <typename Given>
inline constexpr bool is_batch_input = std::ranges::input_range<typename InputHolder<Given>::Range>;

/// The value of an input's item.
template <typename Given>
using ItemOf = std::ranges::range_value_t<typename InputHolder<Given>::Range>;

/// Several inputs, of which each item has one from each; the shortest ends all. An iterator is
/// moved on when its next item is asked for, and not before.
template <typename... Given>
class ZippedInputs {
  public:
    explicit ZippedInputs(Given&&... given) : holders_(static_cast<Given&&>(given)...) {}
    ZippedInputs(const ZippedInputs&) = delete;
    ZippedInputs& operator=(const ZippedInputs&) = delete;

    /// None, where an input does not know its size.
    [[nodiscard]] std::optional<std::uint64_t> size() {
        return std::apply(
            [](auto&... holders) -> std::optional<std::uint64_t> {
                if constexpr ((std::ranges::sized_range<
                                   typename std::remove_reference_t<decltype(holders)>::Range> &&
                               ...)) {
                    return std::min(
                        {static_cast<std::uint64_t>(std::ranges::size(holders.range()))...});
                } else {
                    return std::nullopt;
                }
            },
            holders_);
    }

    /// Calls use(item...) for the next one; returns false at the end.
    template <typename Use>
    bool next(const Use& use) {
        return next(use, std::index_sequence_for<Given...>{});
    }

  private:
    template <typename Holder>
    struct Place {
        using Range = typename Holder::Range;
        std::ranges::iterator_t<Range> at;
        std::ranges::sentinel_t<Range> end;
        explicit Place(Range& range)
            : at(std::ranges::begin(range)), end(std::ranges::end(range)) {}
    };
    using Places = std::tuple<std::optional<Place<InputHolder<Given>>>...>;

    template <typename Use, std::size_t... i>
    bool next(const Use& use, std::index_sequence<i...>) {
        if (!is_begun_) {
            is_begun_ = true;
            (std::get<i>(places_).emplace(std::get<i>(holders_).range()), ...);
        } else {
            (static_cast<void>(++std::get<i>(places_)->at), ...);
        }
        const bool is_over = ((std::get<i>(places_)->at == std::get<i>(places_)->end) || ...);
        if (!is_over) {
            use(*std::get<i>(places_)->at...);
        }
        return !is_over;
    }

    std::tuple<InputHolder<Given>...> holders_;
    Places places_;
    bool is_begun_ = false;
};

}  // namespace pinfold::detail
