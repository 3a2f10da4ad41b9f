#pragma once

// Makes a value from a message. Not for users.
//
// Values are made, not filled, wherever that is possible: so a type needs no default constructor. A
// container grows as its elements come, and takes at first no more memory than a few times the
// bytes that are left, whatever its size says.

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing/judgement.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::shm::detail {

template <typename T, typename In>
T make(In& in);

/// The T whose bytes lie here, without alignment.
template <typename T>
T value_at(const std::byte* bytes) {
    if constexpr (std::is_default_constructible_v<T> && std::is_copy_assignable_v<T>) {
        T value;
        std::memcpy(static_cast<void*>(&value), bytes, sizeof value);
        return value;
    } else {
        std::array<std::byte, sizeof(T)> copy;
        std::memcpy(copy.data(), bytes, sizeof(T));
        return std::bit_cast<T>(copy);
    }
}

// Elements that are their bytes, without alignment: a container makes its own from them, and fills
// its memory once.
template <typename T>
class Elements {
  public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = T;

    Elements() = default;
    explicit Elements(const std::byte* at) noexcept : at_(at) {}

    T operator*() const { return value_at<T>(at_); }
    T operator[](difference_type n) const { return *(*this + n); }
    Elements& operator+=(difference_type n) noexcept {
        at_ += n * static_cast<difference_type>(sizeof(T));
        return *this;
    }
    Elements& operator-=(difference_type n) noexcept { return *this += -n; }
    Elements& operator++() noexcept { return *this += 1; }
    Elements& operator--() noexcept { return *this -= 1; }
    Elements operator++(int) noexcept { return std::exchange(*this, *this + 1); }
    Elements operator--(int) noexcept { return std::exchange(*this, *this - 1); }
    friend Elements operator+(Elements at, difference_type n) noexcept { return at += n; }
    friend Elements operator+(difference_type n, Elements at) noexcept { return at += n; }
    friend Elements operator-(Elements at, difference_type n) noexcept { return at -= n; }
    friend difference_type operator-(Elements a, Elements b) noexcept {
        return (a.at_ - b.at_) / static_cast<difference_type>(sizeof(T));
    }
    auto operator<=>(const Elements&) const = default;

  private:
    const std::byte* at_ = nullptr;
};

template <typename T, typename In>
T make_leaf(In& in) {
    if constexpr (std::is_same_v<T, bool>) {
        return in.flag();
    } else {
        return value_at<T>(in.take(sizeof(T)));
    }
}

/// A copy of the handle whose bytes lie here: an owner, where copies are counted.
template <typename T, typename In>
T make_handle(In& in) {
    alignas(T) std::byte bytes[sizeof(T)];
    std::memcpy(bytes, in.take(sizeof(T)), sizeof(T));
    check_handle(bytes);
    return *std::launder(reinterpret_cast<const T*>(bytes));
}

/// A string or a vector.
template <typename T, typename In>
T make_block(In& in) {
    using E = typename T::value_type;
    const std::size_t size = in.size(sizeof(E));
    if constexpr (sizeof(E) == 1) {  // which lie right anywhere
        const E* const begin = reinterpret_cast<const E*>(in.take(size));
        return T(begin, begin + size);
    } else {
        const Elements<E> begin(in.take(size * sizeof(E)));
        return T(begin, begin + static_cast<std::ptrdiff_t>(size));
    }
}

template <typename T, typename In>
T make_bits(In& in) {
    const std::size_t size = in.size(0);
    const std::size_t bytes = size / 8 + (size % 8 == 0 ? 0 : 1);
    const std::byte* const from = in.take(bytes);
    T bits(size);
    for (std::size_t i = 0; i < size; ++i) {
        bits[i] = (std::to_integer<unsigned>(from[i / 8]) >> i % 8 & 1) != 0;
    }
    if (size % 8 != 0 && std::to_integer<unsigned>(from[bytes - 1]) >> size % 8 != 0) {
        throw_impossible("bit");
    }
    return bits;
}

/// Calls `take`, which decodes an element, and takes the byte of one that has none.
template <typename E, typename In, typename Take>
void decode_element(In& in, Take take) {
    if constexpr (least_bytes<E>() > 0) {
        take();
    } else {
        const std::size_t before = in.left();
        take();
        if (in.left() == before) {
            in.filler();
        }
    }
}

template <typename T, typename In>
T make_sequence(In& in) {
    using E = typename T::value_type;
    const std::size_t size = in.size(least_element_bytes<T>());
    T value;
    if constexpr (requires { value.reserve(size); }) {
        // Elements are mostly larger than their bytes, but a size that lies must cost nothing.
        value.reserve(std::min(size, 4 * in.left() / sizeof(E) + 1));
    }
    for (std::size_t i = 0; i < size; ++i) {
        decode_element<E>(in, [&] {
            if constexpr (form_of<E> == Form::cereal) {
                fill(in, value.emplace_back());
            } else {
                value.push_back(make<E>(in));
            }
        });
    }
    return value;
}

template <typename T, typename In>
typename T::iterator insert_one(In& in, T& value) {
    using K = typename T::key_type;
    K key = make<K>(in);
    if constexpr (requires { typename T::mapped_type; }) {
        return value.emplace_hint(value.end(), std::move(key), make<typename T::mapped_type>(in));
    } else {
        return value.emplace_hint(value.end(), std::move(key));
    }
}

/// A map or a set. Its keys come in their order, of which a hash table has none.
template <typename T, typename In>
T make_keyed(In& in) {
    constexpr bool is_ordered = requires {
        typename T::key_compare;
    };
    const std::size_t size = in.size(least_element_bytes<T>());
    T value;
    if constexpr (!is_ordered) {
        value.reserve(std::min(size, in.left()));
    }
    for (std::size_t i = 0; i < size; ++i) {
        decode_element<typename T::value_type>(in, [&] {
            [[maybe_unused]] const auto inserted = insert_one(in, value);
            if constexpr (is_ordered) {
                if (std::next(inserted) != value.end()) {
                    throw_impossible("order of keys");
                }
            }
        });
        if (value.size() != i + 1) {
            throw_impossible("key, which stands there twice");
        }
    }
    return value;
}

template <typename T, typename In>
T make_array(In& in) {
    using E = typename T::value_type;
    if constexpr (std::is_default_constructible_v<E>) {
        T value{};
        for (E& element : value) {
            fill(in, element);
        }
        return value;
    } else {
        return [&]<std::size_t... i>(std::index_sequence<i...>) {
            return T{((void)i, make<E>(in))...};
        }
        (std::make_index_sequence<std::tuple_size_v<T>>{});
    }
}

/// T of members that are made in their order, which braces keep.
template <typename T, typename... Members, typename In>
T make_of([[maybe_unused]] In& in, Types<Members...>) {
    return T{make<std::remove_cv_t<Members>>(in)...};
}

template <typename T, std::size_t i, typename In>
T make_alternative(In& in, std::size_t index) {
    if constexpr (i < std::variant_size_v<T>) {
        if (index != i) {
            return make_alternative<T, i + 1>(in, index);
        }
        return T(std::in_place_index<i>, make<std::variant_alternative_t<i, T>>(in));
    } else {
        throw_impossible("index of a variant");
    }
}

template <typename... Members>
consteval bool has_array(Types<Members...>) {
    return (std::is_array_v<Members> || ...);
}

template <typename T, typename In>
T make_fields_flat(In& in) {
    if constexpr (has_array(Fields<T>{})) {
        T value{};
        for_each_field(value, [&](auto& field) { fill(in, field); });
        return value;
    } else {
        return make_of<T>(in, Fields<T>{});
    }
}

template <typename T, typename In>
T make_fields(In& in) {
    if constexpr (is_recursive<T>()) {
        const Level level(in);
        return make_fields_flat<T>(in);
    } else {
        return make_fields_flat<T>(in);
    }
}

template <typename T, typename In>
T make([[maybe_unused]] In& in) {
    constexpr Form form = form_of<T>;
    if constexpr (form == Form::nothing) {
        return std::bit_cast<T>(std::byte{});
    } else if constexpr (form == Form::bytes) {
        return make_leaf<T>(in);
    } else if constexpr (form == Form::handle) {
        return make_handle<T>(in);
    } else if constexpr (form == Form::string || form == Form::block) {
        return make_block<T>(in);
    } else if constexpr (form == Form::bits) {
        return make_bits<T>(in);
    } else if constexpr (form == Form::sequence) {
        return make_sequence<T>(in);
    } else if constexpr (form == Form::keyed) {
        return make_keyed<T>(in);
    } else if constexpr (form == Form::array) {
        return make_array<T>(in);
    } else if constexpr (form == Form::tuple) {
        return make_of<T>(in, Inside<T>{});
    } else if constexpr (form == Form::optional) {
        return in.flag() ? T(make<typename T::value_type>(in)) : T();
    } else if constexpr (form == Form::variant) {
        return make_alternative<T, 0>(in, in.size(0));
    } else if constexpr (form == Form::fields) {
        return make_fields<T>(in);
    } else {
        T value{};
        fill(in, value);
        return value;
    }
}

/// Gives a value that is there what the message says.
template <typename In, typename T>
void fill(In& in, T& value) {
    if constexpr (std::is_array_v<T>) {
        for (auto& element : value) {
            fill(in, element);
        }
    } else if constexpr (form_of<T> == Form::cereal) {
        const Level level(in);
        in.by_cereal(value);
    } else {
        value = make<T>(in);
    }
}

}  // namespace pinfold::shm::detail
