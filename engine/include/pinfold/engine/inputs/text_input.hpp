#pragma once

// Inputs that are texts, cut where their content allows. Not for users.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <pinfold/engine/range.hpp>
#include <span>
#include <string_view>
#include <type_traits>

namespace pinfold {

class Pool;

namespace detail {

// ---- where the bytes are

template <typename Arguments>
inline constexpr bool is_one_span_of_bytes = false;
template <typename T>
inline constexpr bool is_one_span_of_bytes<Types<std::span<const T>>> =
    std::is_trivially_copyable_v<T> && sizeof(T) == 1 && !std::is_same_v<T, bool>;

/// An input whose elements are characters or bytes.
template <typename Source>
consteval bool is_bytes() {
    if constexpr (requires { typename InputOf<Source>::Data::Arguments; }) {
        return is_one_span_of_bytes<typename InputOf<Source>::Data::Arguments>;
    }
    return false;
}

/// What workers have of an array or a file of bytes: one text. `Data` gives them the elements.
template <typename Data>
struct OneText {
    static constexpr bool is_copied = false;

    Data data;
    std::uint64_t size = 0;

    /// Calls `next` with the texts that a chunk of bytes has a part of.
    template <typename Cut, typename Next>
    decltype(auto) give_parts(const Cut&, const Chunk& chunk, const Next& next) const {
        return data.give(Chunk(0, size, 0), [&](const auto& all) -> decltype(auto) {
            TextPart part;
            part.text = {reinterpret_cast<const char*>(all.data()), all.size()};
            part.begin = static_cast<std::size_t>(chunk.begin);
            part.end = part.begin + static_cast<std::size_t>(chunk.size());
            return next(std::span<const TextPart>(&part, 1));
        });
    }
};

template <typename Source>
struct OneTextInput {
    using In = InputOf<Source>;
    using Data = OneText<typename In::Data>;

    In in;

    [[nodiscard]] std::uint64_t size() const noexcept {
        return static_cast<std::uint64_t>(in.range.size());
    }
    [[nodiscard]] Data data() const { return {in.data(), size()}; }
    void check(const Pool& pool) const { in.check(pool); }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return pinfold::default_grain(static_cast<std::size_t>(size()), 1, result_bytes);
    }
};

template <typename Source>
requires(is_bytes<Source>()) OneTextInput<Source> text_input_of(const Source& source) {
    return {input_of(source)};
}

/// What says itself which texts it has, such as files.
template <typename Source>
requires requires(const Source& source) {
    source.text_input();
}
auto text_input_of(const Source& source) {
    return source.text_input();
}

/// A text that is cut into pieces, or an input that says why it is none.
template <typename Source>
consteval bool check_text() {
    constexpr bool is_text = requires(const Source& source) {
        text_input_of(source);
    };
    static_assert(is_text,
                  "pinfold: what is cut is an array of characters or bytes, pool.array(text), a "
                  "span of one, a file, pool.file(path), or files, pool.files(paths): workers do "
                  "not see a std::string");
    return is_text;
}

template <typename Source>
using TextInputOf = decltype(text_input_of(std::declval<const Source&>()));

// ---- and how they are cut

/// What workers have of a text that is cut.
template <typename Cut, typename Text>
struct PiecesOf {
    using Arguments = Types<const Pieces<Cut>&>;
    static constexpr bool is_copied = Text::is_copied;

    Cut cut;
    Text text;

    template <typename Next>
    decltype(auto) give(const Chunk& chunk, const Next& next) const {
        return text.give_parts(cut, chunk, [&](std::span<const TextPart> parts) -> decltype(auto) {
            const Pieces<Cut> pieces(cut, parts);
            return next(pieces);
        });
    }
};

/// The input: its range is that of the bytes.
template <typename Cut, typename Text>
struct CutInput {
    using Data = PiecesOf<Cut, typename Text::Data>;
    using Element = std::string_view;
    static constexpr bool is_cut = true;

    Cut cut;
    Text text;
    Range range{0, text.size()};

    [[nodiscard]] Data data() const { return {cut, text.data()}; }
    void check(const Pool& pool) const { text.check(pool); }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return text.default_grain(result_bytes);
    }
};

template <typename Cut, typename Source>
CutInput<Cut, TextInputOf<Source>> cut_input(const Cut& cut, const Source& source) {
    return {cut, text_input_of(source)};
}

}  // namespace detail
}  // namespace pinfold
