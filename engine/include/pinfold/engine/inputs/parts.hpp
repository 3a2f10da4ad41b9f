#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <span>

namespace pinfold::detail {

/// What a range of bytes has of one of several texts: its bytes [begin, end). The text begins at
/// `offset` of all of them.
struct PartPlace {
    std::size_t text = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint64_t offset = 0;
};

/// Calls `use` for each text that bytes [begin, end) of all have a part of. `ends` says where each
/// text ends; they stand one behind the other. Empty texts have no part.
template <typename Use>
void for_each_part(std::span<const std::uint64_t> ends, std::uint64_t begin, std::uint64_t end,
                   const Use& use) {
    auto text = static_cast<std::size_t>(std::ranges::upper_bound(ends, begin) - ends.begin());
    while (begin < end) {
        const std::uint64_t offset = text == 0 ? 0 : ends[text - 1];
        const std::uint64_t behind = std::min(end, ends[text]);
        if (begin < behind) {
            use(PartPlace{text, static_cast<std::size_t>(begin - offset),
                          static_cast<std::size_t>(behind - offset), offset});
        }
        begin = behind;
        ++text;
    }
}

}  // namespace pinfold::detail
