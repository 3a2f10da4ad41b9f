#pragma once

// Strings as an input of jobs. Not for users.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/call_checks.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <span>
#include <string_view>

namespace pinfold::detail {

/// What workers have of strings: a map gets those of its chunk.
template <typename Span>
struct StringsOf {
    using Arguments = Types<const Span&>;

    Span all;

    template <typename Next>
    decltype(auto) give(const Chunk& chunk, const Next& next) const {
        return next(all.subspan(static_cast<std::size_t>(chunk.begin),
                                static_cast<std::size_t>(chunk.size())));
    }
};

template <typename Span>
struct StringsInput {
    using Data = StringsOf<Span>;
    using Element = std::string_view;

    Span all;
    std::string_view characters;
    Range range{0, all.size()};

    [[nodiscard]] Data data() const noexcept { return {all}; }
    void check(const Pool& pool) const {
        check_in_arena(pool, "the input", characters.data(), characters.size(), 1);
    }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
        return std::as_bytes(std::span(characters));
    }
    /// A string is taken to have as many bytes as it has on the average.
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        const std::size_t bytes = sizeof(std::uint64_t) + characters.size() / (all.size() + 1);
        return pinfold::default_grain(all.size(), bytes, result_bytes);
    }
};

/// shm::Strings, by what they have: their header is not needed here.
template <typename Strings>
requires requires(const Strings& strings) {
    std::string_view(strings.characters());
    strings.span();
}
auto input_of(const Strings& strings) noexcept {
    return StringsInput<decltype(strings.span())>{strings.span(), strings.characters()};
}

}  // namespace pinfold::detail
