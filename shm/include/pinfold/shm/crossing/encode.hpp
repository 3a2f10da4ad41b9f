#pragma once

// Puts a value into a sink, piece by piece. Not for users.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing/judgement.hpp>
#include <tuple>
#include <variant>
#include <vector>

namespace pinfold::shm::detail {

/// An element takes a byte at least, so that no size in a message speaks of more elements than
/// bytes follow.
template <typename Container, typename Out, typename E>
void encode_element(Out& out, const E& element) {
    if constexpr (least_bytes<E>() > 0) {
        encode(out, element);
    } else {
        const std::size_t before = out.position();
        encode(out, element);
        if (out.position() == before) {
            out.filler();
        }
    }
}

/// Eight a byte, the first in its lowest bit.
template <typename Out, typename Allocator>
void encode_bits(Out& out, const std::vector<bool, Allocator>& bits) {
    out.size(bits.size());
    for (std::size_t i = 0; i < bits.size(); i += 8) {
        unsigned byte = 0;
        for (std::size_t k = 0; k < 8 && i + k < bits.size(); ++k) {
            byte |= static_cast<unsigned>(bits[i + k]) << k;
        }
        out.leaf(static_cast<std::uint8_t>(byte));
    }
}

template <typename Out, typename T>
void encode_elements(Out& out, const T& container) {
    if constexpr (form_of<T> != Form::array) {
        out.size(container.size());
    }
    for (const auto& element : container) {
        if constexpr (form_of<T> == Form::array) {
            encode(out, element);
        } else {
            encode_element<T>(out, element);
        }
    }
}

template <typename Out, typename T>
void encode_fields(Out& out, const T& value) {
    const auto each = [&](const auto& field) { encode(out, field); };
    if constexpr (is_recursive<T>()) {
        const Level level(out);
        for_each_field(value, each);
    } else {
        for_each_field(value, each);
    }
}

/// Without an archive yet, the first class that wants one brings it.
template <typename Out, typename T>
void encode_by_cereal(Out& out, const T& value) {
    static_assert(
        requires { out.by_cereal(value); }, "the sink of such a type is an archive");
    const Level level(out);
    out.by_cereal(value);
}

template <typename Out, typename T>
void encode([[maybe_unused]] Out& out, [[maybe_unused]] const T& value) {
    constexpr Form form = form_of<T>;
    if constexpr (form == Form::nothing) {
        return;
    } else if constexpr (form == Form::bytes) {
        out.leaf(value);
    } else if constexpr (form == Form::handle) {
        out.handle(value);
    } else if constexpr (form == Form::string || form == Form::block) {
        out.size(value.size());
        out.block(value.data(), value.size());
    } else if constexpr (form == Form::bits) {
        encode_bits(out, value);
    } else if constexpr (form == Form::sequence || form == Form::keyed || form == Form::array) {
        encode_elements(out, value);
    } else if constexpr (form == Form::tuple) {
        std::apply([&](const auto&... members) { (encode(out, members), ...); }, value);
    } else if constexpr (form == Form::optional) {
        out.leaf(value.has_value());
        if (value) {
            encode(out, *value);
        }
    } else if constexpr (form == Form::variant) {
        std::visit(
            [&](const auto& alternative) {
                out.size(value.index());
                encode(out, alternative);
            },
            value);
    } else if constexpr (form == Form::fields) {
        encode_fields(out, value);
    } else {
        static_assert(form == Form::cereal, "Judge lets no other type come here");
        encode_by_cereal(out, value);
    }
}

}  // namespace pinfold::shm::detail
