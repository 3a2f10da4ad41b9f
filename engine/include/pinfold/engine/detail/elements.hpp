#pragma once

// The elements of a chunk, by their place in it, whatever the input is. Not for users.

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/range.hpp>
#include <span>

namespace pinfold::detail {

/// The elements of a chunk, by their place in the input; of a range, the numbers themselves.
struct Numbers {
    std::uint64_t first;
    std::uint64_t count;

    [[nodiscard]] std::uint64_t size() const noexcept { return count; }
    std::uint64_t operator[](std::uint64_t i) const noexcept { return first + i; }
};
inline Numbers elements_of(const Chunk& chunk) noexcept {
    return {chunk.begin, chunk.size()};
}

/// Each element with its neighbours.
template <typename Neighbourhood>
struct Surroundings {
    const Neighbourhood& near;

    [[nodiscard]] std::uint64_t size() const noexcept { return near.size(); }
    auto operator[](std::uint64_t i) const noexcept { return near.around(i); }
};

/// What a map gets of an input that is no array and has elements by their number.
template <typename E>
concept Indexed = requires(const E& elements) {
    elements.size();
    elements[0];
}
&&!requires(const E& elements) {
    std::as_bytes(elements);
};

template <Indexed E>
decltype(auto) elements_of(const E& elements) noexcept {
    if constexpr (requires { elements.around(0); }) {
        return Surroundings<E>{elements};
    } else {
        return (elements);
    }
}

/// The first place from `begin` on at which `holds(element)`, or `end`. Four in a row, as their
/// places are compared with the end once: half of the time that simple elements take (scan_bench).
template <typename Elements, typename Holds>
[[nodiscard]] std::uint64_t first_place(const Elements& elements, std::uint64_t begin,
                                        std::uint64_t end, const Holds& holds) {
    std::uint64_t at = begin;
    for (; end - at >= 4; at += 4) {
        for (std::uint64_t i = at; i != at + 4; ++i) {
            if (holds(elements[i])) {
                return i;
            }
        }
    }
    while (at != end && !holds(elements[at])) {
        ++at;
    }
    return at;
}

}  // namespace pinfold::detail
